"""People: reads rosters, makes links and drafts, follows drafts, and tells who has deposited."""
