"""The pages of who administers a body: organigram, people and their roles, logs, mailboxes, health."""
