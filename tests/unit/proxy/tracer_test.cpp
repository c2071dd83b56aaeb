// Which requests are sampled, and how their spans get to the thread that sends them.
#include "proxy/telemetry/tracer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace bearward::proxy {
namespace {

using namespace std::chrono_literals;

const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

request_span make_span(tracer& by, double ratio = 1) {
    request_span made;
    made.trace = by.choose({}, ratio);
    made.chosen = true;
    made.authority = "app.example:8443";
    return made;
}

access_record make_record() {
    access_record made;
    made.method = "GET";
    made.path = "/a?b=c";
    made.status = 200;
    return made;
}

std::vector<std::string> paths(span_queues& from) {
    std::vector<std::string> all;
    from.take([&](const span_record& span) {
        all.push_back(span.path);
        return true;
    });
    return all;
}

TEST(tracer, begins_traces_that_are_all_different) {
    span_queues queues;
    tracer one(queues.open());
    tracer other(queues.open());
    std::set<http::trace_id> traces;
    std::set<http::span_id> spans;
    for (int i = 0; i < 1'000; ++i) {
        for (tracer* const each : {&one, &other}) {
            const auto made = each->choose({}, 1);
            EXPECT_FALSE(made.continued);
            EXPECT_EQ(made.own.flags, http::sampled_flag);
            traces.insert(made.own.trace);
            spans.insert(made.own.span);
        }
    }
    EXPECT_EQ(traces.size(), 2'000U);
    EXPECT_EQ(spans.size(), 2'000U);
}

TEST(tracer, goes_on_with_a_trace_as_its_parent_decided) {
    span_queues queues;
    tracer by(queues.open());
    for (const double ratio : {0.0, 1.0}) {
        const std::string sampled = parent + '1';
        const std::string unsampled = parent + '0';
        const auto yes = by.choose({{"traceparent", sampled}}, ratio);
        const auto no = by.choose({{"traceparent", unsampled}}, ratio);
        const auto read = http::parse_traceparent(sampled);
        EXPECT_TRUE(yes.continued && no.continued);
        EXPECT_TRUE(yes.own.sampled());
        EXPECT_FALSE(no.own.sampled());
        EXPECT_EQ(yes.own.trace, read->trace);
        EXPECT_EQ(yes.parent, read->span);
        EXPECT_NE(yes.own.span, read->span);
    }
}

TEST(tracer, begins_one_where_what_came_is_not_valid) {
    span_queues queues;
    tracer by(queues.open());
    const std::string broken = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
    const auto made = by.choose({{"traceparent", broken}}, 0);
    EXPECT_FALSE(made.continued);
    EXPECT_FALSE(made.own.sampled()) << "what it says of sampling is not valid either";
}

TEST(sampling, by_ratio_is_about_that_many) {
    span_queues queues;
    tracer by(queues.open());
    for (const double ratio : {0.0, 0.1, 0.5, 1.0}) {
        int sampled = 0;
        for (int i = 0; i < 10'000; ++i) {
            sampled += by.choose({}, ratio).own.sampled() ? 1 : 0;
        }
        EXPECT_NEAR(sampled, ratio * 10'000, ratio == 0 || ratio == 1 ? 0 : 400) << ratio; // eight standard deviations
    }
}

TEST(sampling, is_decided_by_the_last_56_bits_of_the_id) {
    http::trace_id id{};
    EXPECT_FALSE(is_sampled(id, 0.999));
    EXPECT_TRUE(is_sampled(id, 1));
    id.fill(0xFF);
    EXPECT_TRUE(is_sampled(id, 1e-15));
    EXPECT_FALSE(is_sampled(id, 0));
    id.fill(0);
    id[8] = 0xFF; // the 57th
    EXPECT_FALSE(is_sampled(id, 0.999));
    id[9] = 0x80;
    EXPECT_TRUE(is_sampled(id, 0.5));
    EXPECT_FALSE(is_sampled(id, 0.49));
}

TEST(tracer, a_span_ends_now_and_began_as_long_ago_as_it_took) {
    span_queues queues;
    tracer by(queues.open());
    const auto before = std::chrono::system_clock::now();
    by.finish(make_span(by), make_record(), 1500ms);
    std::size_t seen = 0;
    queues.take([&](const span_record& span) {
        ++seen;
        EXPECT_EQ(span.end - span.start, 1500ms);
        EXPECT_GE(span.end, before);
        EXPECT_LE(span.end, std::chrono::system_clock::now());
        return true;
    });
    EXPECT_EQ(seen, 1U);
}

TEST(span_queues, keep_so_many_and_count_the_rest) {
    span_queues queues;
    tracer by(queues.open());
    for (std::size_t i = 0; i < span_queue::capacity + 7; ++i) {
        auto record = make_record();
        record.path = "/" + std::to_string(i);
        by.finish(make_span(by), record, 1ms);
    }
    EXPECT_EQ(queues.dropped(), 7U);
    const auto kept = paths(queues);
    ASSERT_EQ(kept.size(), span_queue::capacity);
    EXPECT_EQ(kept.front(), "/0");
    EXPECT_EQ(kept.back(), "/" + std::to_string(span_queue::capacity - 1));
    by.finish(make_span(by), make_record(), 1ms);
    EXPECT_EQ(paths(queues), std::vector<std::string>{"/a"}) << "there is room again";
}

TEST(span_queues, are_emptied_in_turn_and_as_far_as_is_wanted) {
    span_queues queues;
    tracer one(queues.open());
    tracer other(queues.open());
    for (int i = 0; i < 3; ++i) {
        auto record = make_record();
        record.path = "/one";
        one.finish(make_span(one), record, 1ms);
        record.path = "/other";
        other.finish(make_span(other), record, 1ms);
    }
    std::vector<std::string> some;
    queues.take([&](const span_record& span) {
        some.push_back(span.path);
        return some.size() < 3;
    });
    EXPECT_EQ(some, (std::vector<std::string>{"/one", "/other", "/one"}));
    EXPECT_EQ(paths(queues).size(), 3U);
}

TEST(span_queues, wake_who_sleeps_and_nobody_else) {
    span_queues queues;
    int woken = 0;
    queues.on_spans([&] { ++woken; });
    tracer by(queues.open());
    by.finish(make_span(by), make_record(), 1ms);
    EXPECT_EQ(woken, 0);
    EXPECT_FALSE(queues.sleep()) << "there is one";
    (void)paths(queues);
    EXPECT_TRUE(queues.sleep());
    by.finish(make_span(by), make_record(), 1ms);
    by.finish(make_span(by), make_record(), 1ms);
    EXPECT_EQ(woken, 1);
    for (std::size_t i = 0; i < span_queue::capacity; ++i) {
        by.finish(make_span(by), make_record(), 1ms);
    }
    EXPECT_GE(woken, 2) << "half full";
    EXPECT_LE(woken, 3) << "once, or twice where the writer has not seen how much was taken";
}

TEST(span_queues, lose_none_between_threads) {
    span_queues queues;
    constexpr int each = 20'000;
    std::vector<std::jthread> workers;
    std::atomic<int> left{2};
    for (int i = 0; i < 2; ++i) {
        workers.emplace_back([&queues, &left] {
            tracer by(queues.open());
            for (int k = 0; k < each; ++k) {
                by.finish(make_span(by), make_record(), 1ms);
            }
            --left;
        });
    }
    std::uint64_t seen = 0;
    for (bool more = true; more;) {
        more = left.load() != 0;
        seen += paths(queues).size();
    }
    EXPECT_EQ(seen + queues.dropped(), 2U * each);
}

} // namespace
} // namespace bearward::proxy
