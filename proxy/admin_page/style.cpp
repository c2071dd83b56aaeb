#include "proxy/admin_page/style.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/sha256.hpp"

#include <algorithm>
#include <string_view>

namespace bearward::proxy::admin_page {
namespace {

/// A hash source has the other alphabet of base64, and padding: one character for 32 bytes.
std::string hash_of(std::string_view text) {
    std::string hash = policies::jose::encode_base64url(policies::jose::sha256_text(text)) + '=';
    std::ranges::replace(hash, '-', '+');
    std::ranges::replace(hash, '_', '/');
    return hash;
}

} // namespace

markup style() noexcept {
    return R"(
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --good: #57c27a; --bad: #ff8a80; } }
body { font: 14px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.3rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; }
code, pre { font: 12.5px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; padding: .75rem; margin: .5rem 0; }
form { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .6rem 1rem; align-items: end; }
label { display: block; font-weight: 600; }
input:not([type=checkbox]), select { display: block; box-sizing: border-box; width: 100%; height: 2.1rem; font: inherit; font-weight: 400; padding: .25rem .4rem; margin-top: .15rem; }
button { font: inherit; padding: .3rem 1rem; }
ul { margin: 0; padding-left: 1.1rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.quiet { opacity: .75; }
)";
}

const std::string& content_security_policy() {
    static const std::string policy = "default-src 'none'; style-src 'sha256-" + hash_of(style().text()) +
                                      "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    return policy;
}

} // namespace bearward::proxy::admin_page
