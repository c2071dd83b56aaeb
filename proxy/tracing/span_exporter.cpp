#include "proxy/tracing/span_exporter.hpp"

#include "proxy/telemetry/report_failure.hpp"
#include "proxy/telemetry/span_json.hpp"
#include "proxy/tracing/collector_answer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <utility>

namespace bearward::proxy::tracing {
namespace {

using std::chrono::milliseconds;

/// What a collector says of a batch is short.
constexpr std::size_t longest_answer = std::size_t{64} * 1024;

} // namespace

span_exporter::span_exporter(asio::io_context& context, upstream::directory& known, span_queues& from)
    : context_(context), wheel_(context), with_{context, wheel_, under_way_, known}, from_(from) {
    from_.on_spans([this] { asio::post(context_, [this] { wake(); }); });
}

span_target_ptr span_exporter::prepare(const config::configuration& settings) {
    if (!settings.tracing) {
        return nullptr;
    }
    auto made = std::make_shared<span_target>(*settings.tracing, nullptr);
    if (made->settings.endpoint.value.secure) {
        made->secure = std::make_shared<const tls::client_context>(config::upstream_tls_settings{}, "TLS of tracing.endpoint");
    }
    return made;
}

void span_exporter::adopt(span_target_ptr to) {
    if (to == nullptr) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const bool first = to_ == nullptr;
    to_ = std::move(to);
    if (first) {
        asio::post(context_, [this] {
            asio::co_spawn(context_, run(), [](const std::exception_ptr& failure) { report_failure("the export of spans", failure); });
        });
    }
}

span_target_ptr span_exporter::target() const {
    const std::lock_guard lock(mutex_);
    return to_;
}

void span_exporter::wake() {
    woken_ = true;
    if (pause_ != nullptr) {
        pause_->wake();
    }
}

awaitable<> span_exporter::rest(std::optional<milliseconds> at_most) {
    upstream::sleeper pause(with_.wheel, under_way_);
    if (at_most) {
        pause.limit(*at_most);
    }
    pause_ = &pause;
    while (!woken_ && !pause.expired() && !under_way_.cancelled()) {
        co_await pause.sleep();
    }
    pause_ = nullptr;
}

awaitable<> span_exporter::run() {
    while (!under_way_.cancelled()) {
        if (from_.sleep()) {
            if (finished_) {
                std::exchange(finished_, nullptr)();
            }
            co_await rest(std::nullopt);
            woken_ = false;
        }
        if (!finished_) {
            co_await rest(interval); // others come meanwhile; until a queue is half full, maybe since the last batch
        }
        woken_ = false;
        bool more = true;
        while (more && !under_way_.cancelled()) {
            const span_target_ptr to = target();
            batch what = take_batch(*to);
            more = what.full;
            if (what.spans != 0) {
                co_await send(*to, std::move(what));
            }
        }
    }
}

span_exporter::batch span_exporter::take_batch(const span_target& to) {
    batch made;
    from_.take([&](span_record& span) {
        if (made.spans == 0) {
            begin_spans(made.body, to.settings.service_name);
        } else {
            made.body += ',';
        }
        append_span(made.body, span);
        span.shrink();
        ++made.spans;
        made.full = made.spans == most_spans || made.body.size() >= most_bytes;
        return !made.full;
    });
    end_spans(made.body);
    return made;
}

awaitable<> span_exporter::send(const span_target& to, batch what) {
    providers::http_request request{
        .method = "POST", .to = to.settings.endpoint.value, .fields = {{"Content-Type", "application/json"}}, .body = std::move(what.body)};
    const providers::http_limits limits{.timeout = timeout, .max_body = longest_answer};
    const auto answer = co_await providers::send_request(with_, std::move(request), to.secure, limits);
    take_answer(to, what.spans, answer);
}

void span_exporter::take_answer(const span_target& to, std::size_t spans,
                                const std::expected<providers::http_answer, std::string>& answer) {
    collector_answer said = answer ? read_collector_answer(answer->status, answer->body) : collector_answer{spans, answer.error()};
    const std::size_t refused = std::min(said.refused.value_or(spans), spans);
    exported_.fetch_add(spans - refused, std::memory_order_relaxed);
    failures_.fetch_add(refused, std::memory_order_relaxed);
    if (refused == 0) {
        if (std::exchange(failed_, false)) {
            spdlog::info("tracing: the collector takes spans again");
        }
    } else if (!std::exchange(failed_, true) && !under_way_.cancelled()) {
        const std::string where = answer ? to.settings.endpoint.value.server.text + ": " : std::string(); // else it is said
        spdlog::warn("tracing: {}{}", where, said.why);
    }
}

void span_exporter::finish(milliseconds patience) {
    if (target() == nullptr) {
        return;
    }
    struct waiting {
        std::mutex mutex;
        std::condition_variable changed;
        bool over = false;
    };
    const auto end = std::make_shared<waiting>();
    asio::post(context_, [this, end] {
        finished_ = [end] {
            const std::lock_guard lock(end->mutex);
            end->over = true;
            end->changed.notify_one();
        };
        wake();
    });
    std::unique_lock lock(end->mutex);
    end->changed.wait_for(lock, patience, [&] { return end->over; });
}

void span_exporter::stop() {
    under_way_.cancel();
    wheel_.close();
}

std::optional<span_totals> span_exporter::totals() const {
    if (target() == nullptr) {
        return std::nullopt;
    }
    return span_totals{.exported = exported_.load(std::memory_order_relaxed),
                       .dropped = from_.dropped(),
                       .failed = failures_.load(std::memory_order_relaxed)};
}

} // namespace bearward::proxy::tracing
