"""入库: how deliveries come in, are inspected and stocked in (INV-01, INV-02). ``batch_list`` is the page."""
