#include <boost/asio/version.hpp>

namespace bearward::proxy {

static_assert(BOOST_ASIO_VERSION >= 102600, "Boost.Asio 1.26 (Boost 1.81) or newer");

} // namespace bearward::proxy
