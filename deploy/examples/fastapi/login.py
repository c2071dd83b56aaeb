"""The login signs tokens. Verifying them is Bearward's task, with the same SECRET_KEY."""

import os
import time

from accounts import ACCOUNTS, with_password
from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from identity import Caller, current_caller
from jose import jwt

SECRET_KEY = os.environ["SECRET_KEY"]
ACCESS_SECONDS = int(os.environ.get("ACCESS_SECONDS", "1800"))
REFRESH_SECONDS = int(os.environ.get("REFRESH_SECONDS", "86400"))

router = APIRouter()


def sign(account, kind, seconds, **more):
    """A token of this kind: Bearward's two providers tell access and refresh tokens apart by it."""
    now = int(time.time())
    claims = {"sub": account.name, "tid": account.tenant, "aud": "widgets-api", "type": kind, "iat": now, "exp": now + seconds, **more}
    return jwt.encode(claims, SECRET_KEY, algorithm="HS256")


def access_token(account):
    return {"access_token": sign(account, "access", ACCESS_SECONDS, roles=account.roles), "token_type": "bearer"}


@router.post("/token")
def log_in(form: OAuth2PasswordRequestForm = Depends()):
    account = with_password(form.username, form.password)
    if account is None:
        raise HTTPException(401, "Wrong name or password", headers={"WWW-Authenticate": 'Bearer realm="the app"'})
    return {**access_token(account), "refresh_token": sign(account, "refresh", REFRESH_SECONDS)}


@router.post("/refresh")
def refresh(caller: Caller = Depends(current_caller)):
    """Only a refresh token gets here. The account is looked up again: its roles may have changed."""
    account = ACCOUNTS.get(caller.user)
    if account is None:
        raise HTTPException(401, "The account is gone", headers={"WWW-Authenticate": 'Bearer realm="the app"'})
    return access_token(account)
