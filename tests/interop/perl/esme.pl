# A client of Net::SMPP: binds, submits each text, reads as many deliveries as its arguments say, unbinds.
# Arguments: port, deliveries, then texts as hexadecimal digits of UTF-16BE. Tells what happens in lines of JSON.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my ($port, $deliveries, @texts) = @ARGV;

sub said { print encode_json({@_}), "\n" }

my ($smpp, $bound) = Net::SMPP->new_transceiver(
    '127.0.0.1', port => $port, system_id => 'esme01', password => 'pass1234', interface_version => 0x34, smpp_version => 0x34,
) or die "no connection: $!";
said(event => 'bound', status => $bound->{status});
exit if $bound->{status};

my @early;
for my $text (@texts) {
    my $seq = $smpp->submit_sm(
        async => 1, source_addr => '10690000123', destination_addr => '8613800138000', dest_addr_ton => 1, dest_addr_npi => 1,
        data_coding => 8, registered_delivery => 1, short_message => pack('H*', $text),
    );
    my $answer = $smpp->read_pdu();
    while (!($answer->{cmd} & 0x80000000)) { push @early, $answer; $answer = $smpp->read_pdu() }
    said(event => 'answered', seq => $answer->{seq} == $seq ? 1 : 0, status => $answer->{status}, id => $answer->{message_id});
}
while ($deliveries--) {
    my $pdu = shift(@early) || $smpp->read_pdu() or die "the connection ended";
    $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => '');
    my $id = $pdu->{30} // $pdu->{receipted_message_id} // '';
    $id =~ s/\0//g;
    said(
        event => 'delivered', class => $pdu->{esm_class}, id => $id, from => $pdu->{source_addr}, to => $pdu->{destination_addr},
        coding => $pdu->{data_coding}, text => unpack('H*', $pdu->{short_message}),
    );
}
my $farewell = $smpp->unbind();
said(event => 'unbound', status => $farewell->{status});
