"""Course packages: a course as a folder of YAML and Markdown files, described in docs/course-packages.md.

``reading.read_package`` gives a checked ``content.CoursePackage`` or raises ``faults.BadPackage`` with every fault by
file and line. No database and no request are needed.
"""
