"""What sync knows about notifications, manifests and removals, free of any I/O."""
