"""``portal-ops``, also as ``python -m ops``: the office's and operators' command line.

It acts with the AWS rights of whoever types it; every act is written into the audit.
"""

import sys

from ops.cli import main
from ops.reach import reach

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], reach))
