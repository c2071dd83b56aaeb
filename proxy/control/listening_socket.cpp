#include "proxy/control/listening_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <algorithm>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;
using generic_endpoint = asio::generic::stream_protocol::endpoint;

asio::ip::tcp::endpoint resolve(asio::io_context& context, const config::endpoint& address) {
    boost::system::error_code error;
    const auto numeric = asio::ip::make_address(address.host, error);
    if (!error) {
        return {numeric, address.port};
    }
    asio::ip::tcp::resolver resolver(context);
    return resolver.resolve(address.host, std::to_string(address.port), asio::ip::tcp::resolver::passive).begin()->endpoint();
}

/// A socket file that refuses connections was left by a process that is gone.
void remove_stale_socket(asio::io_context& context, const std::string& path) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) {
        return;
    }
    asio::local::stream_protocol::socket probe(context);
    boost::system::error_code error;
    probe.connect(asio::local::stream_protocol::endpoint(path), error);
    if (error == asio::error::connection_refused) {
        ::unlink(path.c_str());
    }
}

std::string to_text(const asio::ip::tcp::endpoint& bound) {
    const std::string host = bound.address().to_string();
    return (bound.address().is_v6() ? "[" + host + "]:" : host + ":") + std::to_string(bound.port());
}

} // namespace

listening_socket::listening_socket(asio::io_context& context, const config::endpoint& address) : acceptor_(context) {
    try {
        if (!address.unix_path.empty()) {
            remove_stale_socket(context, address.unix_path);
            const generic_endpoint where{asio::local::stream_protocol::endpoint(address.unix_path)};
            acceptor_.open(where.protocol());
            acceptor_.bind(where);
            unix_path_ = address.unix_path;
            address_ = "unix:" + address.unix_path;
        } else {
            const generic_endpoint where{resolve(context, address)};
            acceptor_.open(where.protocol());
            acceptor_.set_option(asio::socket_base::reuse_address(true));
            acceptor_.bind(where);
            const auto local = acceptor_.local_endpoint();
            asio::ip::tcp::endpoint bound;
            bound.resize(local.size());
            std::copy_n(static_cast<const unsigned char*>(static_cast<const void*>(local.data())), local.size(),
                        static_cast<unsigned char*>(static_cast<void*>(bound.data())));
            address_ = to_text(bound);
        }
        acceptor_.listen();
    } catch (const std::exception& failure) {
        close();
        const auto* error = dynamic_cast<const boost::system::system_error*>(&failure);
        throw std::runtime_error("cannot listen on " + address.text + ": " + (error != nullptr ? error->code().message() : failure.what()));
    }
}

listening_socket::~listening_socket() {
    close();
}

void listening_socket::close() noexcept {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    if (!unix_path_.empty()) {
        ::unlink(unix_path_.c_str());
        unix_path_.clear();
    }
}

} // namespace bearward::proxy
