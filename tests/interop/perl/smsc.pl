# A message centre of Net::SMPP for one client: takes its bind, answers each submit, and sends the receipt of each at once.
# Argument: the password that it takes. Tells its port and what happens in lines of JSON.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;
use Net::SMPP;

$| = 1;
my ($password) = @ARGV;

sub said { print encode_json({@_}), "\n" }

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34, interface_version => 0x34) or die "cannot listen: $!";
said(event => 'listening', port => $listener->sockport);
my $smpp = $listener->accept or die "no client: $!";
my ($ids, %name) = (0, (1 => 'receiver', 2 => 'transmitter', 9 => 'transceiver'));

while (my $pdu = $smpp->read_pdu()) {
    my $command = $pdu->{cmd};
    if (my $kind = $name{$command}) {
        my $status = $pdu->{password} eq $password ? 0 : 0x0e;
        my $answer = "bind_${kind}_resp";
        $smpp->$answer(seq => $pdu->{seq}, system_id => 'perl', status => $status);
        said(event => 'bind', as => $kind, user => $pdu->{system_id}, status => $status);
    }
    elsif ($command == 0x04) {
        my $id = sprintf('%08X', 0xABC0 + $ids++);
        $smpp->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
        said(
            event => 'submit', to => $pdu->{destination_addr}, coding => $pdu->{data_coding}, class => $pdu->{esm_class},
            text => unpack('H*', $pdu->{short_message}), tlvs => {map { $_ => unpack('H*', $pdu->{$_}) } grep { /^\d+$/ } keys %$pdu},
        );
        $smpp->deliver_sm(
            async => 1, source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => 4, data_coding => 0,
            short_message => "id:$id sub:001 dlvrd:001 submit date:2611210930 done date:2611210931 stat:DELIVRD err:000 text:",
        );
    }
    elsif ($command == 0x80000005) {
        said(event => 'taken', status => $pdu->{status});
    }
    elsif ($command == 0x15) {
        $smpp->enquire_link_resp(seq => $pdu->{seq});
    }
    elsif ($command == 0x06) {
        $smpp->unbind_resp(seq => $pdu->{seq});
        said(event => 'unbind');
        last;
    }
}
said(event => 'closed');
