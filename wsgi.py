from lms.app import create_app
from lms.processes import collect_seldom

app = create_app()
collect_seldom()
