"""An app as FastAPI has them, without a line that verifies a token: Bearward does it, by config/examples/fastapi.yaml.

SECRET_KEY=... DATABASE_URL=... uvicorn app:app --host 127.0.0.1 --port 8000
"""

from pathlib import Path
from typing import List

import chat
import files
import login
import widgets
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from identity import IN_DOCS, Caller, current_caller
from pydantic import BaseModel, Field
from request_log import RequestLog

HERE = Path(__file__).resolve().parent
app = FastAPI(title="Widgets")
app.add_middleware(RequestLog)
router = APIRouter()


@router.get("/hello")
def hello(caller: Caller = Depends(current_caller)):
    return {"hello": caller.user or "stranger"}


@router.get("/users/me/")
def who_am_i(caller: Caller = Depends(current_caller)):
    return {"user": caller.user, "tenant": caller.tenant, "roles": caller.roles}


@router.delete("/users/{number}")
def delete_user(number: int, caller: Caller = Depends(current_caller)):
    """For admins only: so says the policy."""
    return {"deleted": number, "by": caller.user}


@router.get("/admin/dashboard")
def dashboard(caller: Caller = Depends(current_caller)):
    return {"dashboard": caller.user}


@router.get("/api/v1/protected/data")
def data(caller: Caller = Depends(current_caller)):
    return {"data": [1, 2, 3], "for": caller.user}


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)
    tags: List[str] = []


@router.post("/items", status_code=201)
def make_item(item: Item, caller: Caller = Depends(current_caller)):
    return {"name": item.name, "price": item.price, "tags": item.tags, "owner": caller.user}


@router.get("/items")
def list_items(skip: int = 0, limit: int = 100):
    return {"skip": skip, "limit": limit}


@app.exception_handler(Exception)
def unexpected(request: Request, error: Exception):
    """As all other errors look; the cause stands in uvicorn's log."""
    return JSONResponse({"detail": "Internal Server Error"}, 500)


@app.get("/pages/bearward-socket.js", include_in_schema=False)
def socket_script():
    return FileResponse(HERE / "../../browser/bearward-socket.js", media_type="text/javascript")


app.include_router(login.router)
for protected in (router, widgets.router, files.router):
    app.include_router(protected, dependencies=IN_DOCS)
app.include_router(chat.router)
app.mount("/pages", StaticFiles(directory=HERE / "static"))
