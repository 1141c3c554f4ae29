"""What only a checkout needs: its environment, its lock files, its documents, its tests. Not in the wheel."""
