// The cast. An actor is a coroutine: what it does is its conversation from top to bottom.
// A new one is a function here, a file, and a line in scenario.cpp's table.
#pragma once

#include "tests/simulation/world.hpp"

namespace bearward::simulation {

/// Asks for one thing after the other, or for several at once, and leaves in any manner.
task<> http_client(world& in, choices random);
/// Asks in the very moment in which new rules count.
task<> prompt_client(world& in, choices random);
/// Sends what is no request, or only half of one.
task<> rude_client(world& in, choices random);
/// Sends its body a byte at a time, also after its answer.
task<> trickling_client(world& in, choices random);
/// Sends thousands of requests at once, none of which is permitted, and reads the answers.
task<> flooding_client(world& in, choices random);
/// Opens a WebSocket, sends and reads messages, and stays until somebody closes it.
task<> websocket_client(world& in, choices random);
/// Reads events until the stream ends: with its token at the latest.
task<> event_client(world& in, choices random);
/// The same with a token that may be revoked meanwhile.
task<> named_event_client(world& in, choices random);
/// Opens a WebSocket whose token can be renewed, has it renewed now and then, and knows how long it may be open.
task<> renewing_client(world& in, choices random);
/// What an app does with a request for events; whether its connection goes on.
task<bool> event_app(world& in, peer& line, const asked& what, choices& random);
/// One connection of an app: answers in any manner that apps have, good and bad.
task<> app(world& in, connection_ptr line, choices random);
/// What an app does with a request to open a WebSocket: its head has been read.
task<> websocket_app(world& in, std::shared_ptr<peer> line, message_reader& reader, asked& what, std::string key, choices& random);
/// Changes the rules now and then.
task<> reloading_operator(world& in, choices random);
/// Revokes tokens that are in use, or all of somebody.
task<> revoking_operator(world& in, choices random);
/// Drains the worker, or stops it.
task<> stopping_operator(world& in, choices random);
/// Keys go and come back, or may be outdated for a while.
task<> key_issuer(world& in, choices random);
/// Servers are found healthy and unhealthy.
task<> health_checks(world& in, choices random);

} // namespace bearward::simulation
