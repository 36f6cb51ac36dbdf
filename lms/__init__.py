"""The core of Lantern: people, records, certificates, mail, jobs, plugins and web; it knows no course and no quiz."""
