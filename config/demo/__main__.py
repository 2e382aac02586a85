"""`python -m config.demo PORT WIDGET_ORIGIN SITE_KEY`: serve the demo shop on the loopback address."""

import sys

from config.demo.server import serve

if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3])
