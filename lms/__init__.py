"""The core of Lantern: people, records, certificates, mail, jobs, plugins, web and database; it knows no course and no quiz."""
