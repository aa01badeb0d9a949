# As the official image: the server's account owns its data, whatever the volume came with.
set -eu
chown -R rabbitmq /var/lib/rabbitmq
exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups env HOME=/var/lib/rabbitmq "$@"
