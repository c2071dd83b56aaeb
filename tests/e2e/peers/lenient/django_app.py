"""Django with its defaults, in one file."""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import re_path
from leftovers import with_leftovers

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="for tests only", MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
django.setup()


def handler(name):
    def answer(request, **_):
        seen = {key: value for key, value in request.META.items() if key.startswith("HTTP_")}
        return JsonResponse({"handler": "delete" if name == "items" and request.method == "DELETE" else name, "method": request.method, "seen": seen})

    return answer


urlpatterns = [
    re_path(r"^admin/users/?$", handler("admin")),
    re_path(r"^secret/?$", handler("secret")),
    re_path(r"^items/[^/]+$", handler("items")),
    re_path(r"^.*$", handler("everything")),
]
application = with_leftovers(get_wsgi_application())
