"""
Words that stand beside names, by what they say, in the languages that the recogniser was made for.

A class is one letter; a word has one class. Own lists, from general knowledge of the languages.
"""

from __future__ import annotations

__all__ = ["CLASSES", "GERMAN", "LEADING_PARTICLES", "LINK_PARTICLES", "OFFICES", "TITLES"]

_TITLES = """
mr mrs ms miss mx dr prof professor sir madam madame lady lord dame rev reverend fr sgt capt lt col gen maj
cpl hon judge justice doctor esq herr herrn frau hr fr. dipl ing mag med fräulein monsieur m mme mlle me
maître messieurs señor señora señorita sr sra srta don doña sres lic signor signora signorina sig sig.ra
sig.na dott dottor dottore dottoressa dott.ssa avv ing rag geom meneer mevrouw mijnheer dhr mevr mw drs ir
pan pani panna pana panu panem panią państwo państwa inż mgr doc prof. senhor senhora dona seu exmo exma
господин госпожа г-н г-жа г-на г-ну г-жи г-же пан пані панові гражданин гражданка товарищ тов проф акад fru
herra rouva neiti frøken vážený vážená paní panem bay bey bayan hanım domnul doamna domnule doamnă dl dna
dlui úr asszony kisasszony kedves gospodin gospođa gospa gospod mudr judr phdr ing. mgr. bc sri shri smt
kumari sheikh sheik shaikh mullah imam rabbi sultan emir prince princess prinz prinzessin queen king könig
königin kaiser roi reine rey reina principe principessa koning koningin prins prinses król królowa książę
rei rainha царь король королева князь император papst pope pape papa papież папа saint st sankt sant santo
santa san são święty święta święte święci святой святая sveti svatý szent sfântul bishop bischof évêque
obispo vescovo bisschop biskup bispo cardinal kardinal cardenal cardinale count graf gräfin baron baronin
comte comtesse duke duc duque duca herzog hertog hrabia граф барон
"""

_ROLES = """
president presidente président präsident präsidentin prezydent prezydenta президент президента президенту
президентом minister ministre ministro ministra ministern minister-president ministerpräsident
ministerpräsidentin ministr министр министра министром premier premierminister kanzler kanzlerin
bundeskanzler bundeskanzlerin chancellor chancelier senator sénateur senador senatore senatora сенатор
governor gouverneur gobernador governatore gubernator губернатор губернатора mayor maire alcalde alcaldesa
sindaco burgemeester bürgermeister bürgermeisterin oberbürgermeister burmistrz prefeito мэр мэра director
directeur directrice direktor direktorin director-general dyrektor dyrektora diretor diretora direttore
direttrice directora директор директора директором ceo cto cfo chairman chairwoman vorsitzender vorsitzende
vorsitzenden chef chefin leader leiter leiterin coach trainer trenera trener entraîneur entrenador
allenatore treinador тренер тренера captain kapitän capitaine capitán capitano kapitan капитан author autor
autorin auteur autrice autore autora автор автора writer schriftsteller schriftstellerin écrivain écrivaine
escritor escritora scrittore scrittrice schrijver schrijfster pisarz pisarza писатель писателя писательница
poet dichter poète poeta поэт поэта singer sänger sängerin chanteur chanteuse cantante zanger zangeres
piosenkarka cantor cantora певец певица actor actress schauspieler schauspielerin acteur actrice actriz
attore attrice aktor aktorka ator atriz актёр актер актриса composer komponist compositeur compositeurs
compositor compositore componist kompozytor композитор композитора painter maler malerin peintre pintor
pintora pittore schilder malarz художник художника architect architekt architekten architecte arquitecto
architetto arquiteto архитектор архитектора philosopher philosoph philosophe filósofo filosofo filosoof
filozof философ historian historiker historien historiador storico historicus historyk историк journalist
journalistin journaliste periodista giornalista dziennikarz jornalista журналист журналистка scientist
wissenschaftler physicist physiker physicien físico fisico natuurkundige fizyk физик mathematician
mathematiker mathématicien matemático matematico wiskundige matematyk математик producer produzent
producteur productor produttore producent produtor продюсер director-producer filmmaker regisseur
regisseurin réalisateur réalisatrice regista regisseuse reżyser reżysera cineasta режиссёр режиссер
режиссёра footballer fußballspieler footballeur futbolista calciatore voetballer piłkarz futebolista
футболист player spieler joueur jugador giocatore speler zawodnik jogador игрок goalkeeper midfielder
striker defender torwart lawyer attorney anwalt rechtsanwalt rechtsanwältin avocat avocate abogado abogada
avvocato advocaat advocate adwokat advogado advogada адвокат адвоката nurse patient patientin paciente
paziente pacjent pacjentka patiënt пациент пациента пациентка customer kunde kundin client cliente klant
klient klientka клиент клиента employee mitarbeiter mitarbeiterin employé empleado empleada dipendente
medewerker pracownik empregado funcionário сотрудник сотрудника manager managerin engineer colleague kollege
kollegin kollegen collègue colega collega kolega коллега коллеги friend freund freundin ami amie amigo amiga
amico amica vriend vriendin przyjaciel друг подруга brother sister bruder schwester frère sœur soeur hermano
hermana fratello sorella broer zus brat siostra irmão irmã брат сестра son daughter sohn tochter fils fille
hijo hija figlio figlia zoon dochter syn córka filho filha сын дочь сына father mother vater mutter père
mère padre madre vader moeder ojciec matka pai mãe отец мать отца husband wife mann ehefrau ehemann gattin
mari épouse femme esposo esposa marido mujer marito moglie man echtgenoot vrouw mąż żona мужа муж жена жены
жену uncle aunt cousin onkel tante oncle tío tía zio zia oom wujek ciocia tio tia дядя тётя тетя spokesman
spokeswoman spokesperson sprecher sprecherin porte-parole portavoz portavoce woordvoerder rzecznik porta-voz
пресс-секретарь secretary sekretärin secrétaire secretario segretario secretaris sekretarz secretário
секретарь секретаря general général generał генерал генерала colonel coronel colonnello kolonel pułkownik
полковник полковника officer offizier agent detective inspector kommissar judge richter richterin juge juez
giudice rechter sędzia juiz судья judges deputy abgeordnete abgeordneter député députée diputado deputato
poseł deputado депутат депутата депутатом candidate kandidat candidat candidato kandydat кандидат host
moderator artist künstler artiste artista kunstenaar artysta художница star founder gründer gründerin
fondateur fondatrice fundador fundadora fondatore oprichter założyciel основатель основателя teacher lehrer
lehrerin profesor profesora professeur professore leraar nauczyciel professora учитель учительница student
studentin étudiant estudiante studente étudiante developer maintainer contributor tenant landlord applicant
attendee attendees speaker driver guest passenger witness victim suspect defendant plaintiff arzt ärztin
médecin médico medico médica lekarz врач врача statsminister ordförande direktör talsman minister regissör
författare sångare spelare tränare skådespelare formann direktør forfatter statsråd presidentti ministeri
pääministeri toimitusjohtaja kirjailija näyttelijä předseda prezidenta premiér ředitel spisovatel trenér
herec predsednik premijer ravnatelj igrač elnök igazgató író miniszter színész președintele ministrul
directorul premierul scriitorul başkan başkanı bakanı müdürü yazar şarkıcı oyuncu президентові міністр
прем'єр директорка письменник
"""

_SAYING = """
said says say told tells asked asks added adds replied replies wrote writes explained explains noted stated
claimed claims argued insisted announced confirmed denied thinks thought believes joined works worked lives
lived called calls emailed phoned contacted resigned born died married met sagt sagte sagten erklärte
erklärt betonte meint meinte schreibt schrieb fragte antwortete forderte kündigte bestätigte kritisierte
warnte geboren gestorben verheiratet arbeitet wohnt dit disait déclare déclaré affirme affirmé explique
expliqué ajoute ajouté précise répond répondit écrit demande né née mort décédé épouse travaille habite dice
dijo afirmó explicó añadió señaló declaró indicó aseguró escribió preguntó respondió nació murió casado
casada trabaja vive disse ha detto dichiarato spiegato aggiunto scrive scrisse chiede risponde nato nata
morto sposato lavora abita zegt zei verklaarde vertelde schrijft schreef vroeg antwoordde geboren overleden
woont werkt mówi powiedział powiedziała stwierdził stwierdziła dodał dodała napisał napisała zapytał urodził
urodzony zmarł mieszka pracuje podkreślił podkreśliła poinformował afirma afirmou disse dizem explicou
acrescentou declarou escreveu perguntou nasceu morreu casou trabalha mora сказал сказала говорит заявил
заявила сообщил сообщила отметил отметила добавил добавила написал написала считает рассказал рассказала
подчеркнул подчеркнула ответил спросил родился родилась умер умерла живёт работает säger sade sa uppger
skriver berättar menar tror född död siger sagde fortæller mener skriver født død sier sa forteller mener
født død sanoo sanoi kertoo kirjoittaa syntyi kuoli řekl řekla uvedl dodal napsal narozen zemřel povedal
uviedol rekao rekla kazao kaže mondta írta közölte született meghalt spune spus declarat scris născut
decedat dedi söyledi belirtti doğdu öldü каже сказав сказала заявив заявила повідомив зазначив написав
народився помер
"""

_ORGANISATIONS = """
inc ltd llc plc corp corporation company co gmbh ag kg ohg ug se sarl sas sa spa srl bv nv oy ab as a/s aps
sp zoo oao ooo зао оао ооо пао group gruppe groupe grupo gruppo groep grupa группа holding holdings bank
banque banco banca banka банк university universität université universidad università universiteit
uniwersytet universidade университет universitet college school schule école escuela scuola school szkoła
escola школа gymnasium institute institut instituto istituto instituut instytut институт academy akademie
académie academia accademia akademia академия hospital krankenhaus klinik hôpital ospedale ziekenhuis
szpital больница clinic centre center zentrum centro centrum центр foundation stiftung fondation fundación
fondazione stichting fundacja fundação фонд association verein asociación associazione vereniging
stowarzyszenie associação ассоциация club fc ac sc vfb vfl cf rc ks fk klub клуб team mannschaft équipe
equipo squadra party partei parti partido partito partij partia партия union gewerkschaft ministry
ministerium ministère ministerio ministero ministerie ministerstwo министерство committee kommission
commission comisión commissione commissie komisja комиссия council rat conseil consejo consiglio raad rada
совет parliament parlament parlement parlamento парламент museum musée museo muzeum museu музей library
bibliothek bibliothèque biblioteca bibliotheek biblioteka библиотека theatre theater théâtre teatro teatr
театр church kirche église iglesia chiesa kerk kościół igreja церковь cathedral dom cathédrale newspaper
zeitung times post herald tribune journal magazine press verlag records studios studio pictures films band
orchestra orchester orchestre orquesta orchestra orkest orkiestra оркестр airlines airways motors motor
systems software technologies solutions services partners associates capital insurance versicherung stadium
stadion stade estadio stadio arena airport flughafen aéroport aeropuerto aeroporto luchthaven lotnisko
аэропорт prize preis prix premio prijs nagroda prêmio премия award cup pokal coupe copa coppa beker puchar
taça кубок championship meisterschaft championnat campeonato league liga ligue series tour festival act law
gesetz loi ley legge wet ustawa lei закон theorem theory syndrome disease algorithm protocol agreement
treaty convention declaration plan programme program project prize medal
"""

_PLACES = """
street st. road avenue ave boulevard blvd lane drive square court way place straße strasse str allee platz
weg gasse ufer damm ring rue avenue quai chemin impasse calle plaza avenida paseo via viale piazza corso
straat laan plein weg ulica ul aleja plac rua praça travessa улица ул проспект площадь переулок gatan vägen
gata vei gade vej katu tie ulice náměstí utca tér strada piața bulevardul cadde sokak вулиця площа city town
village county province district stadt dorf kreis landkreis bezirk ville village département commune canton
ciudad pueblo provincia municipio comune città paese stad dorp gemeente provincie miasto wieś gmina powiat
województwo cidade vila município город города городе село район области область края region région región
regione regio island islands insel île isla isola eiland wyspa ilha остров lake see lac lago meer jezioro
озеро river fluss rivière río fiume rivier rzeka rio река mountain mount berg mont monte góra гора valley
tal vallée valle dolina bay golf bridge brücke pont puente ponte brug most мост park parc parque parco парк
garden castle schloss burg château castillo castello kasteel zamek castelo замок palace palais palacio
palazzo paleis pałac palácio дворец station bahnhof gare estación stazione station dworzec estação вокзал
airport harbour port hafen puerto porto haven north south east west nord süd ost est sud ouest norte sur
este oeste noord zuid oost północ południe
"""

_GREETINGS = """
dear hi hello hey hallo liebe lieber liebes geehrte geehrter guten moin bonjour salut cher chère coucou hola
estimado estimada querido querida buenos ciao caro cara gentile egregio salve beste geachte dag hoi drogi
droga cześć szanowny szanowna witaj olá oi prezado prezada caro здравствуйте здравствуй привет дорогой
дорогая уважаемый уважаемая hej hejsan kära bäste kjære hei moi hyvä rakas ahoj milý milá szia tisztelt bună
dragă stimate sayın merhaba selam вітаю привіт шановний шановна thanks thank regards cheers sincerely best
yours cordially merci cordialement gracias saludos atentamente grazie saluti cordiali bedankt groeten groet
groetjes pozdrawiam pozdrowienia dziękuję obrigado obrigada abraços спасибо уважением grüße gruß grüßen
grüsse danke hälsningar mvh hilsen vh terveisin pozdravem üdvözlettel saygılarımla дякую повагою signed
unterzeichnet signé firmado firmato podpisano assinado подпись cc bcc attn welcome congratulations
"""

_FIELDS = """
name names firstname lastname surname forename fullname nachname vorname familienname geburtsname nom prénom
prenom nombre apellido apellidos nome cognome achternaam voornaam naam imię nazwisko imiona sobrenome
apelido имя фамилия отчество фио namn efternamn förnamn navn fornavn etternavn efternavn nimi sukunimi
etunimi jméno příjmení meno priezvisko ime prezime név vezetéknév keresztnév nume prenume ad soyad adı
soyadı ім'я прізвище піб from to sender recipient owner holder cardholder accountholder contact
ansprechpartner kontakt contacto contatto contactpersoon kontaktowa contato контакт inhaber absender
empfänger unterschrift expéditeur destinataire remitente destinatario mittente afzender ontvanger nadawca
odbiorca remetente отправитель получатель von an de para da aan od do от кому assignee reporter reviewer
approver requester beneficiary insured signatory signature username
"""

_PARTICLES = """
de da do dos das du des del della dello degli dei di la le van von vom zu zum zur der den het ter ten te af
av bin ibn ben bint al el abu y e und i и і und and et ve og och en
"""

CLASSES: dict[str, str] = {}
"""A word in small letters to the letter of its class."""
for _letter, _words in (
    ("A", _PARTICLES),
    ("E", _PLACES),
    ("O", _ORGANISATIONS),
    ("D", _FIELDS),
    ("H", _GREETINGS),
    ("V", _SAYING),
    ("R", _ROLES),
    ("T", _TITLES),
):
    CLASSES.update(dict.fromkeys(_words.split(), _letter))

TITLES = frozenset(
    """
    Mr Mrs Ms Miss Mx Dr Prof Professor Herr Herrn Frau Fräulein Monsieur Madame Mademoiselle Mme Mlle Señor
    Señora Señorita Sr Sra Srta Don Doña Dona Signor Signora Signorina Sig Dott Avv Ing Meneer Mevrouw
    meneer mevrouw Dhr dhr Mevr mevr Pan Pani Panu Pana Panią pan pani panu pana Senhor Senhora господин
    госпожа Господин Госпожа господина госпожи г Fru fru Hr Rouva pán paní pánem Sayın domnul doamna
    gospodin gospođa
    signor signora signorina dottor dottoressa avvocato doutor doutora doctora señor señora senhor
    senhora monsieur madame mademoiselle maître
    """.split()
)
"""Titles that nothing but a name follows."""

OFFICES = frozenset(
    """
    präsidentin kommissar kommissarin abgeordneter abgeordnete kollegin ministerpräsidentin
    bundespräsident doktor vorsitzender vorsitzende berichterstatter berichterstatterin ratspräsident
    ratspräsidentin staatssekretär bürgermeister oberst commissioner speaker president chairman
    chairwoman ombudsman secretary rapporteur minister chancellor presidenta comisario comisaria
    diputado diputada ponente consejero ministra commissario commissaria relatore relatrice onorevole
    presidente deputato commissaire présidente rapporteur député ministre voorzitter commissaris
    rapporteur komisarz komisarzu przewodniczący przewodnicząca przewodniczącego marszałek marszałku
    premier premierze prezydencie ministrze profesor doktorze kierownik dyrektorze deputada comissário
    comissária relator relatora presidenta президент председатель министр комиссар депутат губернатор
    talman talmannen
    """.split()
)
"""What stands behind a title without being a name."""

LINK_PARTICLES = frozenset(
    """
    de da do dos das du des del della dello degli dei di la le van von vom zu zum zur der den het ter ten te
    af av bin ibn ben bint al el abu y e и i d o l t
    """.split()
)
"""Small words that may stand between two parts of one name."""

LEADING_PARTICLES = frozenset("van von zu der den ter ten bin ibn af av".split())
"""Small words that belong to a surname that they stand before, where no first name does."""

GERMAN = frozenset(
    """
    der die das und ist nicht ein eine einen einem einer mit von zu auf ich wir sie er es den dem des für im
    bei als auch wurde war sind hat haben am aus nach zum zur wird dass sich an um über durch oder noch wie
    nur
    """.split()
)
"""Small words of German, where every noun has a capital."""
