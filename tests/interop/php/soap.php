<?php
// Calls SendSms by PHP's own SoapClient, made from the description; prints what came back as one line of JSON.
$task = json_decode($argv[1], true);
$client = new SoapClient($task['wsdl'], [
    'soap_version' => $task['version'] === 'V12' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'trace' => true,
]);
try {
    $seen = $client->SendSms($task['call'])->SendSmsResult;
} catch (SoapFault $fault) {
    $seen = ['fault' => $fault->faultcode, 'why' => $fault->getMessage()];
}
echo json_encode(['seen' => $seen, 'sent' => $client->__getLastRequest()]), "\n";
