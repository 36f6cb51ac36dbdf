"""Pages for admins: people, certificates, mail, jobs, plugins and the audit log."""
