// The slow headers of this layer, compiled once.
#pragma once

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>
