// The declarations of tracing.
#include "config/fields.hpp"
#include "config/values.hpp"

namespace bearward::config {
namespace {

const section<tracing_settings>& tracing_fields() {
    using owner = tracing_settings;
    static const section<owner> declared =
        section<owner>("tracing")
            .field("endpoint", &owner::endpoint, told_url(),
                   "Where spans are sent, as OTLP over HTTP in JSON, such as http://127.0.0.1:4318/v1/traces.", presence::required)
            .field("sample_ratio", &owner::sample_ratio, fraction(),
                   "Of the traces that begin here. A request that comes with a valid `traceparent` is sampled if that says so.")
            .field("service_name", &owner::service_name, text("a name"), "The spans' `service.name`.");
    return declared;
}

} // namespace

codec<std::optional<tracing_settings>> tracing() {
    return maybe(nested("tracing", &tracing_fields));
}

} // namespace bearward::config
