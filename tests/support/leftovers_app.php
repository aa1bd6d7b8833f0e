<?php
// A small application with PHP's own sessions. CARELESS=yes: a login opens a port, and the settings
// show the password. PORT_OF=ADDRESS:PORT is the port, PID_FILE where its process is noted.
session_start();
$careless = getenv('CARELESS') === 'yes';
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/login') {
  if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    $type = $careless ? 'text' : 'password';
    echo "<form method=post action=/login><input name=user><input type=password name=password></form>";
    echo "<form method=post action=/join><input type=$type name=wifi_passphrase></form>";
    return true;
  }
  if (($_POST['user'] ?? '') !== 'lab' || ($_POST['password'] ?? '') !== getenv('PASSWORD')) {
    http_response_code(401);
    echo 'wrong user or password';
    return true;
  }
  session_regenerate_id(true);
  $_SESSION['user'] = 'lab';
  if ($careless && !file_exists(getenv('PID_FILE'))) {
    [$address, $port] = explode(':', getenv('PORT_OF'));
    exec("socat TCP-LISTEN:$port,bind=$address,fork,reuseaddr /dev/null >/dev/null 2>&1 & echo $! > " .
         escapeshellarg(getenv('PID_FILE')));
  }
  header('Location: /private');
  return true;
}
if (!isset($_SESSION['user'])) {
  http_response_code(302);
  header('Location: /login');
  return true;
}
if ($path === '/logout') {
  session_destroy();
  header('Location: /login');
} elseif ($path === '/private') {
  echo '<h1>the private part of lab</h1>';
} elseif ($path === '/settings') {
  $password = $careless ? base64_encode('lab:' . getenv('PASSWORD')) : '********';
  echo json_encode(['name' => 'lobby camera', 'stream' => $password]);
} else {
  http_response_code(404);
}
return true;
