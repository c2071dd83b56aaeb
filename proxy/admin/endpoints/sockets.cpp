#include "policies/date_text.hpp"
#include "proxy/admin/await_answer.hpp"
#include "proxy/admin/endpoints/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/url/parse.hpp>

#include <utility>

namespace bearward::proxy {
namespace {

constexpr std::size_t most_listed = 1000;
constexpr std::chrono::seconds patience{5};

boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

boost::json::object describe(const guarded_facts& open) {
    boost::json::object line;
    line["kind"] = open.kind == guarded_kind::websocket ? "websocket" : "stream";
    line["provider"] = text_or_null(open.provider);
    line["user"] = text_or_null(open.user);
    line["tenant"] = text_or_null(open.tenant);
    line["route"] = open.route;
    line["since"] = policies::to_rfc3339(open.since);
    line["until"] = open.until ? boost::json::value(policies::to_rfc3339(*open.until)) : boost::json::value(nullptr);
    return line;
}

} // namespace

boost::asio::awaitable<admin_reply> endpoints::sockets(const admin_request& request, const admin_source& source) {
    guarded_question question{.user = {}, .most = most_listed};
    if (const auto target = boost::urls::parse_origin_form(request.target)) {
        if (const auto params = target->params(); params.contains("user")) {
            question.user = (*params.find("user")).value;
        }
    } else {
        co_return make_error_reply(400, "the query can't be read");
    }
    const auto ask = [&](guarded_answer done) { source.open_guarded(std::move(question), std::move(done)); };
    const auto answer = co_await await_answer<guarded_summary>(ask, patience);
    if (!answer) {
        co_return make_error_reply(503, "a worker did not answer");
    }
    boost::json::array listed;
    for (const guarded_facts& each : answer->some) {
        listed.push_back(describe(each));
    }
    boost::json::object body;
    body["sockets"] = std::move(listed);
    body["total"] = answer->total;
    co_return make_json_reply(200, body);
}

} // namespace bearward::proxy
