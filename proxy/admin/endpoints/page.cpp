#include "proxy/admin_page/page.hpp"

#include "proxy/admin/await_answer.hpp"
#include "proxy/admin/endpoints/endpoints.hpp"
#include "proxy/admin_page/style.hpp"

#include <chrono>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::size_t most_sockets = 200;
constexpr std::chrono::seconds patience{5};

} // namespace

boost::asio::awaitable<admin_reply> endpoints::page(const admin_request& request, const admin_source& source) {
    auto asked = admin_page::parse_question(request.target);
    if (!asked) {
        co_return make_error_reply(400, asked.error());
    }
    admin_page::page_facts facts{.status = source.status(), .routes = source.routes(), .explains = static_cast<bool>(source.explain)};
    if (source.open_guarded) {
        const auto ask = [&](guarded_answer done) { source.open_guarded({.user = {}, .most = most_sockets}, std::move(done)); };
        if (auto open = co_await await_answer<guarded_summary>(ask, patience)) {
            facts.sockets = {.some = std::move(open->some), .total = open->total};
        }
    }
    if (facts.explains && *asked) {
        facts.told = source.explain(**asked);
        facts.asked = *std::move(*asked);
    }
    admin_reply reply = make_text_reply(make_page(facts), admin_page::page_content_type);
    reply.content_security_policy = admin_page::content_security_policy();
    co_return reply;
}

} // namespace bearward::proxy
