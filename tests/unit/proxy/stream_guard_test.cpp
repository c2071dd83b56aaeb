#include "proxy/exchange/stream_guard.hpp"

#include <gtest/gtest.h>

namespace {

using bearward::policies::rules::ended_streams;
using bearward::proxy::ends_of;
using bearward::proxy::kind_of_stream;
using bearward::proxy::stream_kind;

TEST(stream_guard, knows_an_answers_kind_by_its_content_type) {
    for (const auto* each : {"text/event-stream", "Text/Event-Stream", "text/event-stream;charset=utf-8", "text/event-stream ; x=y"}) {
        EXPECT_EQ(kind_of_stream(each), stream_kind::events) << each;
    }
    for (const auto* each : {"application/grpc", "APPLICATION/gRPC", "application/grpc+proto", "application/grpc;x"}) {
        EXPECT_EQ(kind_of_stream(each), stream_kind::grpc) << each;
    }
    for (const auto* each :
         {"", "text/event-streams", "text/event-strea", "application/grpc-web", "application/grpcx", "application/json", ";"}) {
        EXPECT_EQ(kind_of_stream(each), stream_kind::other) << each;
    }
}

TEST(stream_guard, ends_streams_or_all_or_none) {
    for (const auto kind : {stream_kind::events, stream_kind::grpc, stream_kind::other}) {
        const bool is_stream = kind != stream_kind::other;
        EXPECT_EQ(ends_of({}, kind).on_expiry, is_stream);
        EXPECT_EQ(ends_of({}, kind).on_revocation, is_stream);
        const auto mixed = ends_of({.end_on_expiry = ended_streams::all, .end_on_revocation = ended_streams::off}, kind);
        EXPECT_TRUE(mixed.on_expiry);
        EXPECT_FALSE(mixed.on_revocation);
    }
}

} // namespace
