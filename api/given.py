"""What a route is given: the request, the house, the viewer, and path parameters by name."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.access import Viewer
from api.house import House

Asked = Request[Viewer, str, Any]
"""The request, where a page is written in its language."""

TheHouse = NamedDependency[House]
TheViewer = NamedDependency[Viewer]
PathText = FromPath[str]
PathNumber = FromPath[int]
