<?php
// The router of `php -S`: every request comes here.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$method = $_SERVER['REQUEST_METHOD'];
if (str_starts_with($path, '/leftover/')) {
    $status = ['/leftover/204' => 204, '/leftover/304' => 304][$path] ?? 200;
    http_response_code($status);
    header('Content-Type: text/plain');
    flush();
    usleep(20000);
    echo "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    return;
}
$handler = ['/admin/users' => 'admin', '/secret' => 'secret'][rtrim($path, '/')] ?? 'everything';
if (str_starts_with($path, '/items/') && $method === 'DELETE') {
    $handler = 'delete';
}
$seen = array_filter($_SERVER, fn($name) => str_starts_with($name, 'HTTP_'), ARRAY_FILTER_USE_KEY);
header('Content-Type: application/json');
echo json_encode(['handler' => $handler, 'method' => $method, 'seen' => (object) $seen]);
