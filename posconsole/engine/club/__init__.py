"""Members, their points, and what these and a member's standing bring: rewards and offers."""
