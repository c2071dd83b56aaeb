// What of a request is still to come when its answer begins: an exchange says it, and the
// client's protocol concludes from it what may follow the answer.
#pragma once

namespace bearward::proxy::http {

struct request_rest {
    bool certain = false;     ///< where the request ends can be found
    bool begun = false;       ///< its body is being read
    bool read = false;        ///< all of its body has been read, and no server still takes it
    bool unread_here = false; ///< bytes behind the head, or of the body, lie in the buffer
};

} // namespace bearward::proxy::http
