"""Tokens and key sets in the shapes that issuers publish, for the examples in config/examples: claims as on the vendors' pages, with the placeholders of the example for the ids.

Each entry: `source`, the page; `header`, `claims` (dates are added) and `pair`, the key; `key`, what the vendor's JWKs say; `beside`, other keys of the set; `asks`, (method, path,
headers that the app gets); `denied`, (method, path, changes to the claims, reason); `refused`, (changes to the claims, reason). A change of None takes a claim out.
"""

import tokens

PERSON = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
ENCRYPTION = {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc-1", "n": tokens.key_pair("RS256", "enc-1").jwk["n"], "e": "AQAB"}
SIGNATURE = {"use": "sig", "alg": "RS256"}
AUTH0 = {
    "source": "https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles",
    "header": {"typ": "JWT"},
    "claims": {
        "iss": "https://YOUR-TENANT.us.auth0.com/", "sub": "auth0|123456", "aud": ["https://YOUR-API.example.com/", "https://YOUR-TENANT.us.auth0.com/userinfo"],
        "azp": "my_client_id", "scope": "openid profile read:patients write:patients", "permissions": ["read:patients"], "org_id": "org_9ybsU1dN2dKfDkBi",
        "https://YOUR-NAMESPACE.example.com/roles": ["marketplace-administrator"],
    },
    "key": SIGNATURE,
    "asks": [
        ("GET", "/me", {"X-User-Id": "auth0|123456", "X-Tenant-Id": "org_9ybsU1dN2dKfDkBi", "X-User-Roles": "marketplace-administrator", "X-User-Scopes": "read:patients"}),
        ("GET", "/patients/7", {}), ("GET", "/organizations/org_9ybsU1dN2dKfDkBi", {"X-Tenant-Id": "org_9ybsU1dN2dKfDkBi"}),
    ],
    "denied": [
        # It asked for the scope and got it; nobody gave the permission.
        ("PUT", "/patients/7", {}, "scope_missing"), ("GET", "/organizations/org_2", {}, "tenant_mismatch"), ("GET", "/admin", {}, "role_missing"),
        ("GET", "/organizations/org_9ybsU1dN2dKfDkBi", {"org_id": None}, "tenant_mismatch"),
    ],
    "refused": [
        ({"aud": "https://YOUR-TENANT.us.auth0.com/api/v2/"}, "audience_mismatch"), ({"aud": "my_client_id"}, "audience_mismatch"),
        ({"iss": "https://YOUR-TENANT.us.auth0.com"}, "issuer_mismatch"), ({"iss": "https://another.us.auth0.com/"}, "issuer_mismatch"),
    ],
}
ENTRA_KEY = {"kty": "RSA", "use": "sig", "x5t": "jS1Xo1OWDj_52vbwGNgvQO2VzMc"}
ENTRA_CLAIMS = {
    "aud": "YOUR-API-CLIENT-ID", "aio": "AXQAi/8IAAAAtAaZLo3ChMif6KOnttRB7eBq4/DccQzjcJGxPXy/C3jDaNGxXd6w", "azp": "YOUR-APP-CLIENT-ID", "azpacr": "0", "name": "Abe Lincoln",
    "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "preferred_username": "abeli@example.com", "rh": "I", "scp": "access_as_user",
    "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
}

TOKENS = {
    "keycloak": {
        "source": "https://www.keycloak.org/docs/latest/server_admin/#_mapping_organization_claims_",
        "header": {"typ": "JWT"},
        "claims": {
            "jti": "onrtac:4b2a2c5c-5f0e-4a0e-9c64-5c8d5f3b0a11", "iss": "https://YOUR-KEYCLOAK.example.com/realms/YOUR-REALM", "aud": ["YOUR-API", "account"], "sub": PERSON,
            "typ": "Bearer", "azp": "frontend-client", "sid": "698b3e16-4f53-46b4-aa7f-ddc05c2f9ae8", "acr": "1", "allowed-origins": ["http://localhost:4200"],
            "realm_access": {"roles": ["offline_access", "uma_authorization"]},
            "resource_access": {"YOUR-API": {"roles": ["editor"]}, "account": {"roles": ["manage-account", "YOUR-ADMIN-ROLE"]}},
            "scope": "openid profile email widgets:read", "email_verified": False, "preferred_username": "ada",
            "organization": {"testcorp": {"id": "42c3e46f-2477-44d7-a85b-d3b43f6b31fa", "attr1": ["value1"]}},
        },
        "key": SIGNATURE,
        "beside": [ENCRYPTION],
        "asks": [
            ("GET", "/me", {"X-User-Id": PERSON, "X-Tenant-Id": "testcorp", "X-User-Roles": "offline_access,uma_authorization,editor",
                            "X-User-Scopes": "openid profile email widgets:read"}),
            ("GET", "/widgets/7", {}), ("PUT", "/widgets/7", {}), ("GET", "/organizations/testcorp", {"X-Tenant-Id": "testcorp"}),
        ],
        "denied": [
            ("GET", "/organizations/othercorp", {}, "tenant_mismatch"), ("GET", "/admin", {}, "role_missing"), ("GET", "/organizations/testcorp", {"organization": None}, "tenant_mismatch"),
            ("PUT", "/widgets/7", {"resource_access": {"another-api": {"roles": ["editor"]}}}, "role_missing"),
        ],
        "refused": [
            ({"aud": "account"}, "audience_mismatch"), ({"aud": None}, "audience_mismatch"), ({"iss": "https://YOUR-KEYCLOAK.example.com/realms/master"}, "issuer_mismatch"),
            ({"typ": "ID"}, "claim_mismatch"), ({"typ": "Refresh"}, "claim_mismatch"), ({"typ": None}, "claim_missing"),
        ],
    },
    "auth0": AUTH0,
    "auth0 (RFC 9068)": {
        **AUTH0, "example": "auth0", "header": {"typ": "at+jwt"},
        "claims": {**{name: value for name, value in AUTH0["claims"].items() if name != "azp"}, "client_id": "my_client_id", "jti": "73WakrfVbNJBaAmhQtEeDv"},
    },
    "auth0 (an application)": {
        **AUTH0, "example": "auth0",
        "claims": {
            "iss": "https://YOUR-TENANT.us.auth0.com/", "sub": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients", "aud": "https://YOUR-API.example.com/",
            "azp": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx", "scope": "read:patients", "gty": "client-credentials", "permissions": ["read:patients"],
        },
        "asks": [("GET", "/patients/7", {"X-User-Id": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients", "X-User-Scopes": "read:patients", "X-Tenant-Id": None, "X-User-Roles": None})],
        "denied": [("PUT", "/patients/7", {}, "scope_missing"), ("GET", "/patients/7", {"permissions": None}, "scope_missing")],
    },
    "okta": {
        "source": "https://developer.okta.com/docs/guides/customize-tokens-groups-claim/",
        "header": {},
        "claims": {
            "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": "https://YOUR-ORG.okta.com/oauth2/default", "aud": "api://default", "sub": "ada@example.com",
            "cid": "0oabskvc6442nkvQO0h7", "uid": "00uid4BxXw6I6TV4m0g3", "scp": ["openid", "widgets:read", "widgets:write"], "groups": ["Everyone", "Editors"],
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/me", {"X-User-Id": "00uid4BxXw6I6TV4m0g3", "X-User-Login": "ada@example.com", "X-User-Roles": "Everyone,Editors",
                            "X-User-Scopes": "openid widgets:read widgets:write"}),
            ("GET", "/widgets/7", {}), ("PUT", "/widgets/7", {}),
        ],
        "denied": [("PUT", "/widgets/7", {"groups": ["Everyone"]}, "role_missing"), ("GET", "/widgets/7", {"scp": ["openid"]}, "scope_missing"), ("GET", "/admin", {}, "role_missing")],
        "refused": [
            ({"aud": "0oabskvc6442nkvQO0h7"}, "audience_mismatch"), ({"iss": "https://YOUR-ORG.okta.com"}, "issuer_mismatch"),
            ({"iss": "https://YOUR-ORG.okta.com/oauth2/another"}, "issuer_mismatch"),
        ],
    },
    "okta (a service)": {
        "example": "okta",
        "source": "https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/",
        "header": {},
        "claims": {
            "ver": 1, "jti": "AT.qMi3_85iYpkO", "iss": "https://YOUR-ORG.okta.com/oauth2/default", "aud": "api://default", "sub": "0oa3ragb1n1ZikpPy5d7",
            "cid": "0oa3ragb1n1ZikpPy5d7", "scp": ["widgets:read"],
        },
        "key": SIGNATURE,
        "asks": [("GET", "/widgets/7", {"X-User-Id": "0oa3ragb1n1ZikpPy5d7", "X-User-Login": "0oa3ragb1n1ZikpPy5d7", "X-User-Roles": None, "X-User-Scopes": "widgets:read"})],
        "denied": [("PUT", "/widgets/7", {"groups": ["Editors"]}, "scope_missing"), ("GET", "/admin", {}, "role_missing")],
        "refused": [({"aud": "api://another"}, "audience_mismatch"), ({"iss": "https://another.okta.com/oauth2/default"}, "issuer_mismatch")],
    },
    "entra": {
        "source": "https://learn.microsoft.com/entra/identity-platform/access-tokens",
        "header": {"typ": "JWT"},
        "claims": {**ENTRA_CLAIMS, "iss": "https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0", "tid": "YOUR-TENANT-ID", "scp": "access_as_user Widgets.Read"},
        "key": ENTRA_KEY,
        "asks": [
            ("GET", "/me", {"X-User-Id": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "X-Tenant-Id": "YOUR-TENANT-ID", "X-User-Roles": None, "X-User-Scopes": "access_as_user Widgets.Read"}),
            ("GET", "/widgets/7", {}),
        ],
        "denied": [("PUT", "/widgets/7", {"roles": ["Editor"]}, "scope_missing"), ("PUT", "/widgets/7", {"scp": "Widgets.Write"}, "role_missing"), ("GET", "/admin", {}, "role_missing")],
        "refused": [
            ({"aud": "api://YOUR-API-CLIENT-ID"}, "audience_mismatch"), ({"aud": "00000003-0000-0000-c000-000000000000"}, "audience_mismatch"),
            ({"iss": "https://login.microsoftonline.com/another/v2.0", "tid": "another"}, "issuer_mismatch"),
            ({"iss": "https://sts.windows.net/YOUR-TENANT-ID/", "ver": "1.0"}, "issuer_mismatch"),
            ({"azp": "another"}, "claim_mismatch"), ({"azp": None, "aud": "YOUR-API-CLIENT-ID"}, "claim_missing"),
        ],
    },
    "entra (an application)": {
        "example": "entra",
        "source": "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference",
        "header": {"typ": "JWT"},
        "claims": {
            "aud": "YOUR-API-CLIENT-ID", "iss": "https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0", "tid": "YOUR-TENANT-ID", "azp": "YOUR-APP-CLIENT-ID", "azpacr": "1",
            "oid": PERSON, "sub": PERSON, "roles": ["Widgets.Read.All"], "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
        },
        "key": ENTRA_KEY,
        "asks": [("GET", "/widgets/7", {"X-User-Id": PERSON, "X-Tenant-Id": "YOUR-TENANT-ID", "X-User-Roles": "Widgets.Read.All", "X-User-Scopes": None})],
        "denied": [("GET", "/me", {}, "scope_missing"), ("PUT", "/widgets/7", {"roles": ["Editor"]}, "scope_missing")],
        "refused": [({"azp": "another"}, "claim_mismatch")],
    },
    "entra_tenants": {
        "source": "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer",
        "header": {"typ": "JWT"},
        "claims": {**ENTRA_CLAIMS, "iss": "https://login.microsoftonline.com/CUSTOMER-1-TENANT-ID/v2.0", "tid": "CUSTOMER-1-TENANT-ID", "roles": ["Editor"]},
        "key": {**ENTRA_KEY, "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"},
        "asks": [
            ("GET", "/me", {"X-User-Id": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "X-Tenant-Id": "CUSTOMER-1-TENANT-ID", "X-User-Roles": "Editor", "X-User-Scopes": "access_as_user"}),
            ("PUT", "/tenants/CUSTOMER-1-TENANT-ID/widgets/7", {}),
        ],
        "denied": [
            ("GET", "/tenants/CUSTOMER-2-TENANT-ID/widgets", {}, "tenant_mismatch"), ("GET", "/me", {"scp": None}, "scope_missing"), ("GET", "/admin", {"roles": ["Admin"]}, "tenant_mismatch"),
            ("PUT", "/tenants/CUSTOMER-1-TENANT-ID/widgets/7", {"roles": None}, "role_missing"),
        ],
        "refused": [
            # A tenant that is no customer, and two that say different things of their tenant.
            ({"iss": "https://login.microsoftonline.com/another/v2.0", "tid": "another"}, "claim_mismatch"),
            ({"tid": "CUSTOMER-2-TENANT-ID"}, "issuer_mismatch"), ({"iss": "https://login.microsoftonline.com/another/v2.0"}, "issuer_mismatch"), ({"tid": None}, "issuer_mismatch"),
            ({"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "issuer_mismatch"),
            ({"iss": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}, "claim_mismatch"),
            ({"aud": "another"}, "audience_mismatch"), ({"azp": "another"}, "claim_mismatch"),
        ],
    },
    "cognito": {
        "source": "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
        "header": {},
        "claims": {
            "sub": PERSON, "device_key": PERSON, "cognito:groups": ["staff"], "iss": "https://cognito-idp.YOUR-REGION.amazonaws.com/YOUR-POOL", "version": 2,
            "client_id": "YOUR-APP-CLIENT-ID", "origin_jti": PERSON, "event_id": PERSON, "token_use": "access", "scope": "openid YOUR-RESOURCE-SERVER/widgets.read",
            "jti": PERSON, "username": "janedoe",
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/me", {"X-User-Id": PERSON, "X-User-Name": "janedoe", "X-User-Roles": "staff", "X-User-Scopes": "openid YOUR-RESOURCE-SERVER/widgets.read", "X-Tenant-Id": None}),
            ("GET", "/widgets/7", {}),
        ],
        "denied": [("PUT", "/widgets/7", {}, "scope_missing"), ("GET", "/admin", {}, "role_missing"), ("GET", "/widgets/7", {"scope": "aws.cognito.signin.user.admin"}, "scope_missing")],
        "refused": [
            ({"token_use": "id", "client_id": None, "aud": "YOUR-APP-CLIENT-ID"}, "claim_mismatch|claim_missing"), ({"token_use": "id"}, "claim_mismatch"),
            ({"client_id": "another"}, "claim_mismatch"), ({"client_id": None}, "claim_missing"),
            ({"iss": "https://cognito-idp.YOUR-REGION.amazonaws.com/another"}, "issuer_mismatch"),
        ],
    },
    "google": {
        "source": "https://developers.google.com/identity/gsi/web/guides/verify-google-id-token",
        "header": {"typ": "JWT"},
        "claims": {
            "iss": "https://accounts.google.com", "azp": "YOUR-CLIENT-ID.apps.googleusercontent.com", "aud": "YOUR-CLIENT-ID.apps.googleusercontent.com", "sub": "110169484474386276334",
            "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "hd": "YOUR-DOMAIN.example.com", "email": "ada@YOUR-DOMAIN.example.com", "email_verified": True, "name": "Ada",
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/me", {"X-User-Id": "110169484474386276334", "X-Tenant-Id": "YOUR-DOMAIN.example.com", "X-User-Email": "ada@YOUR-DOMAIN.example.com", "X-User-Roles": None}),
        ],
        "denied": [("GET", "/admin", {}, "claim_denied"), ("GET", "/admin", {"email": "YOUR-ADMIN@YOUR-DOMAIN.example.com", "email_verified": False}, "claim_denied")],
        "refused": [
            ({"aud": "another.apps.googleusercontent.com"}, "audience_mismatch"), ({"hd": "another.example.com"}, "claim_mismatch"), ({"hd": None}, "claim_missing"),
            ({"iss": "https://accounts.google.com/"}, "issuer_mismatch"),
        ],
    },
    "google (a service)": {
        "example": "google",
        "source": "https://docs.cloud.google.com/docs/authentication/token-types",
        "header": {"typ": "JWT"},
        "claims": {
            "iss": "https://accounts.google.com", "aud": "https://YOUR-API.example.com", "azp": "107517467455664443766", "sub": "107517467455664443766",
            "email": "scheduler@YOUR-PROJECT.iam.gserviceaccount.com", "email_verified": True,
        },
        "key": SIGNATURE,
        "asks": [
            ("POST", "/jobs", {"X-User-Id": "107517467455664443766", "X-User-Email": "scheduler@YOUR-PROJECT.iam.gserviceaccount.com", "X-Tenant-Id": None}), ("POST", "/hooks/build", {}),
        ],
        "denied": [("POST", "/jobs", {"email": "builder@YOUR-PROJECT.iam.gserviceaccount.com"}, "claim_denied")],
        "refused": [
            ({"email": "scheduler@another-project.iam.gserviceaccount.com"}, "claim_mismatch"), ({"email": None}, "claim_missing"), ({"email_verified": None}, "claim_missing"),
            ({"aud": "https://another.example.com"}, "audience_mismatch"), ({"aud": "YOUR-CLIENT-ID.apps.googleusercontent.com"}, "audience_mismatch"),
        ],
    },
    "firebase": {
        "source": "https://firebase.google.com/docs/auth/admin/verify-id-tokens",
        "header": {"typ": "JWT"},
        "claims": {
            "iss": "https://securetoken.google.com/YOUR-PROJECT", "aud": "YOUR-PROJECT", "user_id": "abcdefghijklmnopqrstu", "sub": "abcdefghijklmnopqrstu", "roles": ["editor"],
            "email": "user@example.com", "email_verified": True,
            "firebase": {"identities": {"email": ["user@example.com"]}, "sign_in_provider": "password", "tenant": "acme-ynm8h"},
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/me", {"X-User-Id": "abcdefghijklmnopqrstu", "X-Tenant-Id": "acme-ynm8h", "X-User-Roles": "editor"}), ("PUT", "/widgets/7", {}), ("GET", "/tenants/acme-ynm8h", {}),
        ],
        "denied": [
            ("GET", "/tenants/umbrella-7qk2b", {}, "tenant_mismatch"), ("PUT", "/widgets/7", {"roles": None}, "role_missing"), ("GET", "/admin", {}, "claim_denied"),
            ("GET", "/me", {"firebase": {"identities": {}, "sign_in_provider": "anonymous"}}, "policy_denied"),
        ],
        "refused": [
            ({"aud": "another"}, "audience_mismatch"), ({"iss": "https://securetoken.google.com/another"}, "issuer_mismatch"),
            ({"iss": "https://session.firebase.google.com/YOUR-PROJECT"}, "issuer_mismatch"),
        ],
    },
    "supabase": {
        "source": "https://supabase.com/docs/guides/auth/jwt-fields",
        "header": {"typ": "JWT"},
        "pair": tokens.EC,
        "claims": {
            "aal": "aal1", "amr": [{"method": "password", "timestamp": 1640991600}], "app_metadata": {"provider": "email", "providers": ["email"], "tenant": "acme", "role": "editor"},
            "aud": "authenticated", "email": "user@example.com", "iss": "https://YOUR-PROJECT.supabase.co/auth/v1", "phone": "", "role": "authenticated", "session_id": PERSON,
            "sub": PERSON, "user_metadata": {"name": "John Doe", "role": "admin", "tenant": "umbrella"}, "is_anonymous": False,
        },
        "key": {"alg": "ES256", "key_ops": ["verify"], "ext": True},
        "asks": [("GET", "/me", {"X-User-Id": PERSON, "X-Tenant-Id": "acme", "X-User-Roles": "editor"}), ("PUT", "/widgets/7", {}), ("GET", "/tenants/acme", {})],
        "denied": [
            ("GET", "/tenants/umbrella", {}, "tenant_mismatch"), ("GET", "/admin", {}, "role_missing"), ("GET", "/me", {"is_anonymous": True}, "policy_denied"),
            ("GET", "/admin", {"app_metadata": {"role": "admin"}}, "claim_denied"), ("PUT", "/widgets/7", {"app_metadata": {}}, "role_missing"),
        ],
        "refused": [
            ({"aud": "anon"}, "audience_mismatch"), ({"iss": "https://another.supabase.co/auth/v1"}, "issuer_mismatch"), ({"role": "service_role"}, "claim_mismatch"),
            # The published shape of the keys `anon` and `service_role`.
            ({name: None for name in ("aud", "sub")} | {"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "service_role"}, "issuer_mismatch"),
        ],
    },
    "zitadel": {
        "source": "https://zitadel.com/docs/apis/openidoauth/claims",
        "header": {},
        "claims": {
            "iss": "https://YOUR-INSTANCE.zitadel.cloud", "aud": ["69234237810729234", "YOUR-PROJECT-ID"], "sub": "77776025198584418", "jti": "69234237813329048",
            "urn:zitadel:iam:user:resourceowner:id": "165461789463986434", "urn:zitadel:iam:user:resourceowner:name": "ACME",
            "urn:zitadel:iam:org:project:roles": {"editor": {"165461789463986434": "acme.example.com"}, "reader": {"165461789463986434": "acme.example.com", "id2": "caos.example.com"}},
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/me", {"X-User-Id": "77776025198584418", "X-Tenant-Id": "165461789463986434", "X-User-Roles": "editor,reader"}), ("PUT", "/organizations/165461789463986434/bills", {}),
        ],
        "denied": [
            ("GET", "/organizations/165461789463986435", {}, "tenant_mismatch"), ("GET", "/admin", {}, "tenant_mismatch"),
            ("PUT", "/organizations/165461789463986434", {"urn:zitadel:iam:org:project:roles": {"reader": {"165461789463986434": "acme.example.com"}}}, "role_missing"),
            ("GET", "/organizations/165461789463986434", {"urn:zitadel:iam:user:resourceowner:id": None}, "tenant_mismatch"),
        ],
        "refused": [
            ({"aud": ["69234237810729234"]}, "audience_mismatch"), ({"iss": "https://another.zitadel.cloud"}, "issuer_mismatch"),
            ({"jti": None, "azp": "69234237810729234", "nonce": "n", "amr": ["pwd"]}, "claim_missing"),  # an ID token
        ],
    },
    "kubernetes": {
        "source": "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens",
        "header": {},
        "claims": {
            "aud": ["YOUR-API"], "iss": "https://kubernetes.default.svc.cluster.local", "jti": "7ff720a1-285e-4518-b20f-586a752db523",
            "kubernetes.io": {
                "namespace": "YOUR-NAMESPACE", "node": {"name": "127.0.0.1", "uid": "58456cb0-dd00-45ed-b797-5578fdceaced"}, "pod": {"name": "billing-69cbfb9798-jv9gn", "uid": PERSON},
                "serviceaccount": {"name": "billing", "uid": PERSON}, "warnafter": 1700004612,
            },
            "sub": "system:serviceaccount:YOUR-NAMESPACE:billing",
        },
        "key": SIGNATURE,
        "asks": [
            ("GET", "/whoami", {"X-User-Id": "system:serviceaccount:YOUR-NAMESPACE:billing", "X-Tenant-Id": "YOUR-NAMESPACE", "X-User-Roles": "billing",
                                "X-Pod": "billing-69cbfb9798-jv9gn"}),
            ("POST", "/bills", {}), ("GET", "/namespaces/YOUR-NAMESPACE", {}),
        ],
        "denied": [
            ("GET", "/namespaces/other", {}, "tenant_mismatch"), ("POST", "/bills", {"kubernetes.io": {"namespace": "YOUR-NAMESPACE", "serviceaccount": {"name": "web"}}}, "role_missing"),
            ("POST", "/bills", {"kubernetes.io": {"namespace": "other", "serviceaccount": {"name": "billing"}}}, "tenant_mismatch"),
        ],
        "refused": [
            ({"aud": ["https://kubernetes.default.svc.cluster.local"]}, "audience_mismatch"), ({"iss": "https://another.example.com"}, "issuer_mismatch"),
            # A token from a Secret.
            ({"aud": None, "exp": None, "iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "YOUR-NAMESPACE"}, "claim_missing"), ({"exp": None}, "claim_missing"),
        ],
    },
}
