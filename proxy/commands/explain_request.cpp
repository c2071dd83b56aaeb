// The request head, judged as a worker judges it, with an observer.
#include "policies/date_text.hpp"
#include "policies/inquiry.hpp"
#include "policies/judge_notice.hpp"
#include "policies/reason_table.hpp"
#include "proxy/commands/explain.hpp"
#include "proxy/commands/explained_parts.hpp"
#include "proxy/commands/json_text.hpp"
#include "proxy/exchange/request_form.hpp"
#include "proxy/http/asked_request.hpp"
#include "proxy/http/local_reply.hpp"
#include "proxy/http/notice_reply.hpp"
#include "proxy/http/permit_reply.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/telemetry/access_log.hpp"
#include "proxy/websocket/rejection.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;
using policies::reason;
using policies::show;
using policies::step;

/// Walks one request head through the steps of serving.
class explainer {
public:
    explainer(const serving& rules, std::uint32_t listener, policies::time_point now, policies::outside* around)
        : rules_(rules), listener_(listener), now_(now), outside_(around) {}

    explained run(std::string_view bytes) {
        const auto read = http::parse_request_head(bytes, rules_.request_limits, head_);
        whole_ = read.state == http::head_state::complete;
        const reason why = read.state == http::head_state::refused ? read.why : reason::bad_request;
        told_.add({.stage = "request", .check = "head", .note = whole_ ? "sound" : std::string(read.detail)}, whole_ ? reason::ok : why);
        if (!whole_) {
            refuse(read.status == 0 ? 400 : read.status, why);
            return finish();
        }
        form_ = check_form(head_, rules_.rules().path_reading, path_memory_);
        tell_form();
        for_another_ = rules_.settings.listeners[listener_].mode == config::listener_mode::forward_auth;
        if (form_.status != 0) {
            refuse(form_.status, form_.why);
        } else if (const std::string_view fault = for_another_ ? fault_of_question() : std::string_view{}; !fault.empty()) {
            told_.add({.stage = "question", .check = "as the other proxy forwards it", .note = std::string(fault)}, reason::bad_request);
            refuse(400, reason::bad_request);
        } else if (const auto* const receiver = for_another_ ? nullptr : policies::find_receiver(rules_.rules(), form_.path.path)) {
            tell_receiver(*receiver);
        } else {
            judge();
        }
        return finish();
    }

private:
    [[nodiscard]] std::string_view fault_of_question() const {
        const bool drops = http::brings_what_is_dropped(head_.fields, rules_.rewrite);
        return form_.path.path != head_.path ? "its path is not canonical" : drops ? "a field that is never forwarded would be" : "";
    }

    void tell_receiver(const policies::revocation_receiver& by) {
        const reason why = judge_without_body(by, head_);
        told_.add(
            {.stage = "receiver", .check = "path", .note = "takes what the issuer of provider " + by.signer.rules.provider + " sends"},
            why);
        refuse(why == reason::method_not_allowed ? 405 : http::make_notice_refusal(by.takes, why).status, why);
    }

    void tell_form() {
        step path{.stage = "path", .check = "canonical", .found = show(head_.path)};
        if (form_.path_fault) {
            path.note = to_string(*form_.path_fault);
        } else {
            path.note = form_.path.path == head_.path ? "canonical already" : "becomes " + std::string(form_.path.path);
        }
        told_.add(std::move(path), form_.path_fault ? form_.why : reason::ok);
        if (form_.status != 0 && !form_.path_fault) {
            const bool version = form_.status == 426;
            told_.add({.stage = "websocket",
                       .check = "handshake",
                       .note = version ? "Sec-WebSocket-Version is not 13" : "no Connection: upgrade, a body, or a bad key"},
                      form_.why);
        } else if (form_.websocket) {
            told_.add({.stage = "websocket", .check = "handshake", .note = "a valid opening handshake"}, reason::ok);
        }
    }

    void judge() {
        const policies::requests::request_view view{
            .method = head_.method,
            .path = form_.path,
            .query = head_.query,
            .host = head_.host,
            .websocket = form_.websocket,
            .listener = listener_,
            .headers = head_.fields,
            .trusted_peer = for_another_,
            .secure = rules_.settings.listeners[listener_].tls.has_value(),
            .authority = head_.authority,
            .raw_path = head_.path,
            .for_another = for_another_,
        };
        policies::requests::credential_scratch scratch;
        policies::direct_outside direct(now_, &told_);
        policies::inquiry asks(false);
        const auto decision = asks.ask(view, rules_.rules(), outside_ == nullptr ? direct : *outside_, scratch, &told_);
        if (const auto* leave = std::get_if<policies::permit>(&decision)) {
            describe(*leave);
        } else if (const auto* asked = std::get_if<policies::preflight>(&decision)) {
            describe(*asked);
        } else if (const auto* told = std::get_if<policies::metadata_request>(&decision)) {
            describe(*told);
        } else {
            describe(std::get<policies::denial>(decision));
        }
    }

    void describe_route(const policies::rules::route* route) {
        outcome_["route"] = route == nullptr ? json::value(nullptr) : show(route->name);
        outcome_["mode"] = to_string(route == nullptr ? policies::rules::enforcement::enforce : route->mode);
    }

    void describe_cause(const std::string& cause) {
        if (!cause.empty()) {
            outcome_["cause"] = cause;
        }
    }

    void describe(const policies::permit& leave) {
        permitted_ = true;
        outcome_["decision"] = "permit";
        outcome_["reason"] = to_string(leave.why());
        outcome_["status"] = 200;
        describe_route(&leave.route());
        if (leave.observed() != reason::ok) {
            outcome_["observed"] = to_string(leave.observed());
            describe_cause(leave.observation()->cause);
        }
        if (leave.who() != nullptr) {
            outcome_["identity"] = describe_identity(*leave.who());
        }
        if (const auto expires = leave.expires(); expires && form_.websocket) {
            outcome_["closes_at"] = policies::to_rfc3339(*expires);
        }
        if (for_another_) {
            describe_answer(leave);
        } else {
            describe_forwarding(leave);
        }
    }

    /// What the other proxy gets.
    void describe_answer(const policies::permit& leave) {
        http::outgoing_response made;
        http::make_permit_reply({.leave = leave, .rules = rules_.rewrite}, made);
        for (const auto& field : made.fields()) {
            if (!field.value.empty()) {
                forwarded_.push_back({std::string(field.name), std::string(field.value)});
            }
        }
        outcome_["answer"] = {{"detail", http::status_phrase(200)}, {"headers", show_fields(made.fields())}};
    }

    void describe_own(unsigned status, const policies::rules::route* of) {
        permitted_ = true;
        outcome_["decision"] = "permit";
        outcome_["reason"] = to_string(reason::public_route);
        outcome_["status"] = status;
        describe_route(of);
    }

    /// It is answered by Bearward, whether or not its origin is accepted.
    void describe(const policies::preflight& asked) {
        describe_own(204, asked.route);
        http::cors_answer cors;
        cors.choose(asked.route->cors.rules.get(), head_.fields);
        http::outgoing_response made;
        http::add_preflight(cors, made);
        outcome_["answer"] = {{"detail", http::status_phrase(204)}, {"headers", show_fields(made.fields())}};
    }

    /// It is answered by Bearward, whoever asks.
    void describe(const policies::metadata_request& told) {
        describe_own(200, nullptr);
        http::outgoing_response made;
        std::string body;
        http::make_local_reply({.why = reason::public_route, .json = told.wanted->document, .published = true}, rules_.style, made, body);
        outcome_["answer"] = {{"detail", body}, {"headers", show_fields(made.fields())}};
    }

    /// What the upstream gets.
    void describe_forwarding(const policies::permit& leave) {
        const auto& upstream = rules_.settings.upstreams[leave.route().upstream];
        const http::forward_context context{
            .peer_address = "127.0.0.1",
            .scheme = rules_.settings.listeners[listener_].tls ? "https" : "http",
            .request_id = "explained",
            .upstream_host = upstream.forward_host ? std::string_view{} : std::string_view(upstream.servers.front().text),
            .path = form_.path.path,
        };
        http::outgoing_request made;
        http::make_upstream_head(head_, leave, rules_.rewrite, context, form_.websocket, made);
        http::visit_field_lines(made, http::http1_fields(made), [this](const http::header& field) {
            forwarded_.push_back({std::string(field.name), std::string(field.value)});
        });
        json::object headers;
        for (const auto& header : rules_.rules().identity_headers) {
            if (const auto found = std::ranges::find(forwarded_, header.name, &forwarded_header::name); found != forwarded_.end()) {
                headers[header.name] = found->value;
            }
        }
        outcome_["forward"] = {{"upstream", upstream.name},
                               {"target", mask_target(made.path, made.query, made.has_query, rules_.token_parameters)},
                               {"headers", std::move(headers)}};
    }

    void describe(const policies::denial& denied) {
        const auto what = policies::answer_for(denied.why);
        const bool closes =
            form_.websocket && !for_another_ && websocket::rejects_by_close(denied, what, head_.find("Origin").data() != nullptr);
        refuse(what.status, denied.why, closes);
        describe_cause(denied.cause);
        describe_route(denied.route);
        if (denied.who != nullptr) {
            outcome_["identity"] = describe_identity(*denied.who);
        }
        outcome_["answer"].as_object()["headers"] = describe_refusal_fields(denied, rules_.style.realm, closes);
        if (closes) {
            outcome_["close"] = {{"code", policies::choose_close_code(denied.route->websocket.closes_with, denied.why)},
                                 {"reason", what.detail}};
        }
    }

    /// The answer of a denial, or of a request whose form is refused.
    void refuse(unsigned status, reason why, bool closes = false) {
        const auto detail = policies::answer_for(why).detail;
        refused_with_ = status;
        outcome_["decision"] = "denial";
        outcome_["reason"] = to_string(why);
        outcome_["status"] = closes ? 101 : status;
        describe_route(nullptr);
        outcome_["answer"] = {{"detail", detail.empty() ? http::status_phrase(status) : detail}, {"headers", json::object{}}};
    }

    explained finish() {
        std::string line = "a request";
        json::object outcome{{"request", nullptr}};
        if (whole_) { // else the views into the head mean nothing
            const std::string target = mask_target(head_.path, head_.query, head_.has_query, rules_.token_parameters);
            line = std::string(head_.method) + ' ' + target + " on " + head_.host;
            line += form_.websocket ? ", a WebSocket handshake" : "";
            outcome["request"] = {{"method", show(head_.method)},
                                  {"target", target},
                                  {"host", head_.host},
                                  {"websocket", form_.websocket},
                                  {"listener", rules_.settings.listeners[listener_].name},
                                  {"at", policies::to_rfc3339(now_)}};
        }
        for (json::key_value_pair& each : outcome_) {
            outcome[each.key()] = std::move(each.value());
        }
        line += ", at " + policies::to_rfc3339(now_);
        return {.request = std::move(line),
                .steps = told_.steps(),
                .outcome = std::move(outcome),
                .permitted = permitted_,
                .forwarded = std::move(forwarded_),
                .refused_with = refused_with_};
    }

    const serving& rules_;
    std::uint32_t listener_;
    policies::time_point now_;
    policies::outside* outside_;
    http::request_head head_;
    bool whole_ = false;
    bool for_another_ = false; ///< its listener decides for another proxy
    policies::requests::path_scratch path_memory_;
    request_form form_;
    policies::explanation told_;
    json::object outcome_;
    bool permitted_ = false;
    std::vector<forwarded_header> forwarded_;
    unsigned refused_with_ = 0;
};

} // namespace

explained explain_request(const serving& rules, std::string_view head, std::uint32_t listener, policies::time_point now,
                          policies::outside* around) {
    return explainer(rules, listener, now, around).run(head);
}

} // namespace bearward::proxy::commands
