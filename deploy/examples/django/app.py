"""A small Django API behind Bearward, in one file. It reads no token: gunicorn --bind 127.0.0.1:8000 app"""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

WIDGETS = {"acme": ["anvil", "rocket"], "globex": ["lever"]}

# Neither sessions nor Django's own authentication: a request is known by its headers alone, so there is no cookie that CSRF could use.
settings.configure(
    ALLOWED_HOSTS=["*"],  # Bearward passes the client's Host on; name yours here
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "identity.middleware"],
)
django.setup()


def health(request):
    return JsonResponse({"status": "ok"})


def hello(request):
    return JsonResponse({"hello": request.identity.user or "stranger"})


def me(request):
    who = request.identity
    return JsonResponse({"user": who.user, "tenant": who.tenant, "roles": who.roles, "scopes": who.scopes})


def widgets(request, tenant):
    return JsonResponse({"tenant": tenant, "widgets": WIDGETS.get(tenant, [])})


def dashboard(request):
    return JsonResponse({"dashboard": request.identity.user})


urlpatterns = [
    path("healthz/", health),
    path("hello/", hello),
    path("me/", me),
    path("tenants/<str:tenant>/widgets/", widgets),
    path("admin/dashboard/", dashboard),
]
application = get_wsgi_application()
