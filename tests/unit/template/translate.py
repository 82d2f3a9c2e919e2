"""Prints what SAM makes of a template given as JSON on standard input.

Runs with the interpreter of .tools/sam, whose packages conflict with the portal's.
"""

import json
import sys

from samtranslator.translator.transform import transform

PARAMETERS = {"Architecture": "arm64", "Stage": "production"}

if __name__ == "__main__":
    json.dump(transform(json.load(sys.stdin), PARAMETERS, {}), sys.stdout)
