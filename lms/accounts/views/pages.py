"""The blueprint of accounts, in a file of its own so that each file of views can add to it."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
