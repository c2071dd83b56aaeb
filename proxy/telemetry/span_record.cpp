#include "proxy/telemetry/span_record.hpp"

#include "policies/text.hpp"

namespace bearward::proxy {
namespace {

/// Tokens are masked before it is cut: a part of one would not look like it.
void assign_bounded(std::string& to, std::string_view text, std::size_t most) {
    if (policies::holds_token(text)) {
        to.clear();
        policies::append_masked(to, text);
        to.resize(std::min(to.size(), most));
    } else {
        to.assign(text.substr(0, most));
    }
}

} // namespace

void fill_span(const request_span& of, const access_record& from, span_record::time start, span_record::time end, span_record& out) {
    out.trace = of.trace;
    out.start = start;
    out.end = end;
    const std::string_view target = from.path;
    const std::size_t question = std::min(target.find('?'), target.size());
    assign_bounded(out.method, from.method, span_record::longest_name);
    assign_bounded(out.path, target.substr(0, question), span_record::longest_target);
    assign_bounded(out.query, target.substr(std::min(question + 1, target.size())), span_record::longest_target);
    assign_bounded(out.authority, of.authority, span_record::longest_name);
    assign_bounded(out.client, from.client, span_record::longest_name);
    assign_bounded(out.request_id, from.request_id, span_record::longest_name);
    out.route.assign(std::string_view(from.route).substr(0, span_record::longest_name));
    out.secure = of.secure;
    out.status = from.status;
    out.why = from.told();
    out.mode = from.observed == policies::reason::ok ? policies::rules::enforcement::enforce : from.mode;
    out.close_code = from.close_code;
    out.protocol = from.protocol;
    out.ended = from.ended;
}

} // namespace bearward::proxy
