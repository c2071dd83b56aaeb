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
/// Sends thousands of requests at once, none of which is permitted, and reads the answers.
task<> flooding_client(world& in, choices random);
/// Opens a WebSocket, sends and reads messages, and stays until somebody closes it.
task<> websocket_client(world& in, choices random);
/// One connection of an app: answers in any manner that apps have, good and bad.
task<> app(world& in, connection_ptr line, choices random);
/// What an app does with a request to open a WebSocket: its head has been read.
task<> websocket_app(world& in, std::shared_ptr<peer> line, message_reader& reader, asked& what, std::string key, choices& random);
/// Changes the rules now and then.
task<> reloading_operator(world& in, choices random);
/// Drains the worker, or stops it.
task<> stopping_operator(world& in, choices random);
/// Servers are found healthy and unhealthy.
task<> health_checks(world& in, choices random);

} // namespace bearward::simulation
