"""What leaves the hub: views as files, schemas for foreign readers; and the views made again from the log."""
