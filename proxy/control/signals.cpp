#include "proxy/control/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace bearward::proxy {

namespace asio = boost::asio;

namespace {

constexpr std::array watched{SIGTERM, SIGINT, SIGUSR1, SIGHUP};

} // namespace

signal_hold::signal_hold() {
    sigset_t held{};
    sigemptyset(&held);
    for (const int number : watched) {
        sigaddset(&held, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

signal_hold::~signal_hold() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

struct signal_watch::state {
    explicit state(signal_actions what) : actions(std::move(what)), signals(context) {
        for (const int number : watched) {
            signals.add(number);
        }
        std::signal(SIGPIPE, SIG_IGN);
    }

    void wait() {
        signals.async_wait([this](const boost::system::error_code& error, int number) {
            if (error) {
                return;
            }
            wait();
            handle(number);
        });
    }

    void handle(int number) {
        if (number == SIGUSR1) {
            actions.reopen();
        } else if (number == SIGHUP) {
            actions.reload();
        } else if (++ends == 1) {
            actions.end();
        } else if (ends == 2) {
            actions.end_now();
        } else {
            std::_Exit(EXIT_FAILURE);
        }
    }

    signal_actions actions;
    asio::io_context context;
    asio::signal_set signals;
    int ends = 0;
    std::thread thread;
};

signal_watch::signal_watch(signal_actions actions) : state_(std::make_unique<state>(std::move(actions))) {
    state_->wait();
    state_->thread = std::thread([this] { state_->context.run(); });
}

signal_watch::~signal_watch() {
    state_->context.stop();
    state_->thread.join();
}

} // namespace bearward::proxy
