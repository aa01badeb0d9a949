"""How SimKeep is put on machines: the local stack, migrations, images."""
