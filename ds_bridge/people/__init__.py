"""People: rosters, and what is known of each person: drafts, follow-up, who has deposited."""
