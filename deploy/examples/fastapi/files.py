"""Uploads: one file, several, a form, a raw stream. Bearward passes them on as they come, of any size."""

import hashlib
from typing import List

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import StreamingResponse
from identity import Caller, current_caller

router = APIRouter(prefix="/upload")
PART = 1 << 20


async def facts(file):
    digest, size = hashlib.sha256(), 0
    while part := await file.read(PART):
        digest.update(part)
        size += len(part)
    return {"name": file.filename, "type": file.content_type, "size": size, "hash": digest.hexdigest()}


@router.post("")
async def upload(file: UploadFile = File(), caller: Caller = Depends(current_caller)):
    return {**await facts(file), "owner": caller.user}


@router.post("/many")
async def upload_many(files: List[UploadFile] = File()):
    return [await facts(file) for file in files]


@router.post("/form")
async def upload_with_fields(file: UploadFile = File(), description: str = Form(), tags: List[str] = Form([])):
    return {**await facts(file), "description": description, "tags": tags}


@router.post("/stream")
async def upload_stream(request: Request):
    """Without a form, and without keeping it: each part is dropped once it is counted."""
    digest, size, parts = hashlib.sha256(), 0, 0
    async for part in request.stream():
        digest.update(part)
        size += len(part)
        parts += 1
    return {"size": size, "hash": digest.hexdigest(), "parts": parts}


@router.post("/echo")
async def upload_echo(file: UploadFile = File()):
    content = await file.read()  # now: later FastAPI versions close the file when this function ends

    async def parts():
        for start in range(0, len(content), PART):
            yield content[start : start + PART]

    return StreamingResponse(parts(), media_type=file.content_type)
