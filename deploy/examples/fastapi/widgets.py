"""Routes on the database. None of them mentions a tenant in its query: the session sees no other rows."""

from database import TenantDatabase
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, FetchedValue, Identity, Text, select
from sqlalchemy.orm import declarative_base

router = APIRouter()
Base = declarative_base()


class Widget(Base):
    __tablename__ = "widgets"
    __mapper_args__ = {"eager_defaults": True}
    id = Column(BigInteger, Identity(always=True), primary_key=True)
    tenant_id = Column(Text, server_default=FetchedValue())
    made_by = Column(Text, server_default=FetchedValue())
    name = Column(Text)

    def facts(self):
        return {"id": self.id, "tenant": self.tenant_id, "made_by": self.made_by, "name": self.name}


class NewWidget(BaseModel):
    name: str = Field(min_length=1, max_length=200)


@router.get("/widgets")
async def list_widgets(database: TenantDatabase = Depends()):
    async with database.session() as session:
        return [widget.facts() for widget in (await session.execute(select(Widget).order_by(Widget.id))).scalars()]


@router.post("/widgets", status_code=201)
async def make_widget(new: NewWidget, database: TenantDatabase = Depends()):
    async with database.session() as session:
        widget = Widget(name=new.name)
        session.add(widget)
        await session.flush()
        made = widget.facts()
    return made  # the transaction is over: what is answered is kept


@router.delete("/widgets/{number}", status_code=204)
async def delete_widget(number: int, database: TenantDatabase = Depends()):
    async with database.session() as session:
        widget = await session.get(Widget, number)
        if widget is None:  # another tenant's is as one that isn't there
            raise HTTPException(404, "No such widget")
        await session.delete(widget)


@router.get("/tenants/{tenant_id}/widgets")
async def widgets_of_tenant(tenant_id: str, database: TenantDatabase = Depends()):
    """Bearward lets in only callers of this tenant, so that its name in the path is the caller's own."""
    return await list_widgets(database)
