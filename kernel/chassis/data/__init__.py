"""What stays: the database, one transaction per act, receipts, the chassis' own tables, blobs."""
