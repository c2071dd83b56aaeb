// A question of the admin listener's page, answered by the code that serves, as policy tests are.
#pragma once

#include "proxy/admin_page/question.hpp"
#include "proxy/serving.hpp"

namespace bearward::proxy::commands {

/// What the rules would do with the request now. Changes nothing: no limit counts it, no proof is used up.
[[nodiscard]] admin_page::answered answer_question(const serving& rules, const config::test_settings& question);

} // namespace bearward::proxy::commands
