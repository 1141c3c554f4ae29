"""
The words of addresses: street words, units, regions and countries, and the words that are none.

Plain facts of the languages and of the postal services, written down for this project. Sources: USPS
Publication 28, appendices B and C (states, street suffixes, secondary units); Royal Mail, Canada Post and
Australia Post addressing guides; UPU S42 country sheets (order of the parts, postal code shapes).
"""

from __future__ import annotations

import re

__all__ = [
    "CODE_STARTS", "CONNECTORS", "COUNTRIES", "COUNTRY_STARTS", "LABELS", "LOCAL_STARTS", "LOOSE_ENDINGS",
    "NO_CITY", "NO_NAME", "PLACE_ENDS", "PUBLISHED", "REGIONS", "REGION_STARTS", "STATES", "STATE_CODES",
    "STATE_NAMES", "STRONG_TYPES", "SURE_ENDINGS", "TOWNS", "UNIT_STARTS", "UNIT_WORDS",
]  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRONG_TYPES = _words(
    "street st str avenue ave av road rd lane ln boulevard blvd crescent cres terrace ter parkway pkwy "
    "highway hwy "
    "turnpike tpke gardens gdns mews expressway freeway fwy esplanade broadway quay wharf"
)
"""English street words that hardly name anything else behind a number and a name."""

CONNECTORS = _words(
    "de du des del della dello delle dei degli dell di da do dos das e y i la le les los las el lo il al "
    "van von vom "
    "der den dem die het ter ten te of the and und im am an in zum zur na nad pod w św og och et aux au à "
    "en sur sous "
    "sul sulla san santa sint st ste d l 's 't ob pri u im. v s z do od für pred sv sv."
)
"""Small words inside a street's or a town's name."""

LABELS = _words(
    "figure fig section chapter version python page top step table room level day lesson phase item "
    "question season "
    "episode volume act scene windows ios android line part rule stage appendix example exercise week "
    "grade class "
    "article issue bug ticket pr task release build no. port node gpu cpu slot zone option type group "
    "model series "
    "item row line id order error warning "
    "abbildung kapitel seite abschnitt tabelle chapitre capítulo rozdział глава abb. tab. sec. ch. vol. "
    "ed. ver. "
    "jan feb mar apr jun jul aug sep sept oct nov dec jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. "
    "nov. dec. january "
    "february march april may june july august september october november december januar februar märz mai "
    "juni juli oktober "
    "dezember copyright (c) © area apollo formula route highway flight train gate"
)
"""Words before a number that say what it counts."""

NO_NAME = _words(
    "the of a an this that these those one two three way ways other more new each per in on down up from "
    "to and or "
    "miles mile km minutes minute min hours hour days day years year weeks people cars lanes blocks feet "
    "meters metres "
    "different of for with is was are at as by it its i we you they he she my your his her our no not so "
    "but if than "
    "then kb mb gb tb khz mhz ghz ms percent times time pm am hard flash thumb zip usb test disk tape "
    "google wheel "
    "jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august "
    "september october "
    "november december bit byte bytes dimensional point points star stars player players man step steps "
    "part parts "
    "and/or most least first second third half about over under after before between during best good bad "
    "hektar hectares acres euro euros dollars prozent percent mio mrd "
    "le la les un une pour dans avec mais qui que sont est "
).difference({"may", "march", "august"})
"""Words that do not begin a street's name behind a house number."""

NO_CITY = _words(
    "And But The I We My You Your He She They It Please Mr Mrs Ms Dr Dear Tel Tel. Phone Telephone Email "
    "E-mail Mail "
    "Mobile Fax Thanks Thank Regards Best Kind Sincerely Yours Hello Hi Note This That There When Where "
    "Who What Why "
    "How If Is Was Are Can Could Would Will Should Let Also Then Date Name Order Invoice Customer Contact "
    "Attn "
    "Attention Subject Re From To CC Website Web Www Http Https Id ID DOB SSN Monday Tuesday Wednesday "
    "Thursday Friday "
    "Saturday Sunday January February April May June July August September October November December Bitte "
    "Danke Mit "
    "Viele Telefon Handy Mobil Und Oder Der Die Das Ich Wir Sie Er Es Liebe Lieber Sehr Herr Frau Hallo "
    "Merci Bonjour "
    "Cordialement Monsieur Madame Je Nous Vous Il Elle Téléphone Tél Tél. Portable Courriel Gracias Hola "
    "Señor Señora "
    "Teléfono Móvil Correo Yo Por Saludos Atentamente Grazie Buongiorno Signor Signora Telefono Cellulare "
    "Distinti "
    "Cordiali Obrigado Obrigada Olá Senhor Senhora Telefone Telemóvel Celular Atenciosamente Dziękuję Pan "
    "Pani "
    "Telefon Komórka Proszę Pozdrawiam Dzień Bedankt Met Meneer Mevrouw Telefoon Mobiel Tack Hej Med Спасибо "
    "Здравствуйте Телефон Тел Тел. Мобильный Почта Паспорт Пожалуйста С Я Мы Он Она"
)
"""Capitalised words behind an address that begin something else."""

STATE_CODES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEHINOPST]|N[CDEHJMVY]|O[HKR]|P[ARW]|RI|S[CD]|"
    "T[NX]|UT|V[AIT]|W[AIVY]|"
    "A[AEPS]|FM"
)
"""Two letters of the USPS, with the armed forces' and the islands'."""

STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|"
    "Illinois|"
    "Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|"
    "Missouri|"
    "Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|"
    "Oklahoma|"
    "Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|"
    "Washington|"
    "West Virginia|Wisconsin|Wyoming|District of Columbia|Puerto Rico"
)

REGIONS = (
    "NSW|VIC|QLD|TAS|ACT|SA|WA|NT|New South Wales|Victoria|Queensland|Tasmania|South Australia|Western "
    "Australia|"
    "AB|BC|MB|NB|NL|NS|NU|ON|PE|QC|SK|YT|Alberta|British Columbia|Manitoba|New Brunswick|Newfoundland(?: "
    "and Labrador)?|"
    "Nova Scotia|Ontario|Prince Edward Island|Qu[ée]bec|Saskatchewan|Yukon|"
    "CDMX|Jal\\.|N\\.? ?L\\.|D\\. ?F\\.|Edo\\. ?(?:de )?M[ée]x(?:ico|\\.)?|Q\\.? ?Roo|B\\.C\\.S?\\.?|"
    "CABA|C\\.A\\.B\\.A\\.|Buenos Aires|"
    "Maharashtra|Karnataka|Kerala|Gujarat|Rajasthan|Punjab|Haryana|Telangana|Tamil Nadu|Andhra Pradesh|"
    "Uttar Pradesh|"
    "Madhya Pradesh|West Bengal|Bihar|Odisha|Assam|Jharkhand|Goa|Uttarakhand|Himachal Pradesh|Chhattisgarh|"
    "Co\\.? [A-Z][a-z]+|County [A-Z][a-z]+|[A-Z][a-z]+shire|Kent|Essex|Surrey|Sussex|(?:East|West) Sussex|"
    "Norfolk|"
    "Suffolk|Devon|Cornwall|Dorset|Somerset|Cumbria|Merseyside|Greater Manchester|Greater London|West "
    "Midlands|"
    "(?:North|South|West) Yorkshire|Tyne and Wear|Scotland|Wales|England|Northern Ireland"
)
"""Names and short forms of the second line's end, beside the United States'."""

COUNTRIES = (
    "United States(?: of America)?|U\\.?S\\.?A\\.?|US|United Kingdom|U\\.?K\\.?|GB|Great Britain|Ireland|"
    "Éire|Canada|"
    "Australia|New Zealand|India|South Africa|Germany|Deutschland|Austria|[ÖO]sterreich|Switzerland|"
    "Schweiz|Suisse|"
    "Svizzera|France|Belgium|Belgique|Belgi[ëe]|Belgien|Luxembourg|Luxemburg|Netherlands|The Netherlands|"
    "Nederland|"
    "Holland|Spain|Espa[ñn]a|Mexico|M[ée]xico|Argentina|Chile|Colombia|Per[úu]|Uruguay|Venezuela|Ecuador|"
    "Italy|Italia|"
    "Portugal|Bra[sz]il|Poland|Polska|Russia|Russian Federation|Россия|Российская Федерация|РФ|Украина|"
    "Україна|"
    "Беларусь|Ukraine|Belarus|Sweden|Sverige|Denmark|Danmark|Norway|Norge|Finland|Suomi|Iceland|Ísland|"
    "Greenland(?:er)?|"
    "Czech Republic|Czechia|Česk[oá](?: republika)?|Slovakia|Slovensko|Hungary|Magyarország|Romania|"
    "Rom[âa]nia|"
    "Bulgaria|Croatia|Hrvatska|Slovenia|Slovenija|Serbia|Greece|Ελλάδα|Cyprus(?: \\([A-Za-z]+\\))?|Turkey|"
    "Türkiye|"
    "Estonia|Eesti|Latvia|Latvija|Lithuania|Lietuva|Japan|China|Singapore|Malaysia|Philippines|Israel|"
    "Tunisia|"
    "Morocco|Kenya|Nigeria|Saint Vincent|"
    "Afghanistan|Albania|Algeria|Andorra|Angola|Armenia|Azerbaijan|Bahamas|Bahrain|Bangladesh|"
    "Barbados|Belize|Benin|Bermuda|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brunei|"
    "Burkina Faso|Burundi|Cambodia|Cameroon|Cape Verde|Chad|Comoros|Costa Rica|Cuba|Curaçao|"
    "Djibouti|Dominica|Dominican Republic|Egypt|El Salvador|Eritrea|Eswatini|Ethiopia|Faroe Islands|"
    "Fiji|Gabon|Gambia|Georgia|Ghana|Gibraltar|Grenada|Guatemala|Guernsey|Guinea|Guyana|Haiti|"
    "Honduras|Hong Kong|Indonesia|Iran|Iraq|Isle of Man|Jamaica|Jersey|Jordan|Kazakhstan|Kiribati|"
    "Kosovo|Kuwait|Kyrgyzstan|Laos|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Macao|Madagascar|"
    "Malawi|Maldives|Mali|Malta|Mauritania|Mauritius|Moldova|Monaco|Mongolia|Montenegro|Mozambique|"
    "Myanmar|Namibia|Nauru|Nepal|Nicaragua|Niger|North Macedonia|Oman|Pakistan|Palau|Panama|"
    "Papua New Guinea|Paraguay|Qatar|Rwanda|Samoa|San Marino|Saudi Arabia|Senegal|Seychelles|"
    "Sierra Leone|Somalia|South Korea|South Sudan|Sri Lanka|Sudan|Suriname|Syria|Taiwan|Tajikistan|"
    "Tanzania|Thailand|Timor-Leste|Togo|Tonga|Trinidad and Tobago|Turkmenistan|Uganda|"
    "United Arab Emirates|Uzbekistan|Vanuatu|Vatican City|Vietnam|Yemen|Zambia|Zimbabwe|"
    "Equatorial Guinea|Democratic Republic of the Congo|Congo"
)

TOWNS = _words(
    "Berlin Hamburg München Munich Köln Cologne Frankfurt Stuttgart Düsseldorf Leipzig Dresden Hannover "
    "Nürnberg Bremen "
    "Wien Vienna Graz Linz Salzburg Innsbruck Zürich Zurich Genf Genève Geneva Basel Bern Lausanne Paris "
    "Lyon Marseille "
    "Toulouse Nice Nantes Strasbourg Bordeaux Lille Rennes Montpellier Bruxelles Brussel Brussels "
    "Antwerpen Gent Liège "
    "Madrid Barcelona Valencia Sevilla Zaragoza Málaga Bilbao Granada Roma Rome Milano Milan Napoli Naples "
    "Torino Turin "
    "Firenze Florence Bologna Genova Venezia Venice Palermo Verona Padova Amsterdam Rotterdam Utrecht "
    "Eindhoven "
    "Groningen Haarlem Leiden Warszawa Warsaw Kraków Łódź Wrocław Poznań Gdańsk Katowice Lublin Szczecin "
    "Lisboa Lisbon "
    "Porto Braga Coimbra Москва Москве Санкт-Петербург Казань Новосибирск Екатеринбург Самара Омск Уфа "
    "Пермь Воронеж "
    "Волгоград Краснодар Stockholm Göteborg Malmö Uppsala København Copenhagen Aarhus Odense Aalborg Oslo "
    "Bergen "
    "Trondheim Stavanger Helsinki Espoo Tampere Turku Praha Prague Brno Ostrava Plzeň Bratislava Budapest "
    "Debrecen "
    "London Manchester Birmingham Leeds Liverpool Bristol Sheffield Edinburgh Glasgow Cardiff Belfast "
    "Dublin Cork Galway "
    "Sydney Melbourne Brisbane Perth Adelaide Toronto Montréal Montreal Vancouver Ottawa Calgary Mumbai "
    "Delhi Bengaluru "
    "Bangalore Chennai Kolkata Hyderabad Pune Chicago Houston Phoenix Philadelphia Dallas Austin Seattle "
    "Denver Boston "
    "Miami Atlanta Portland Detroit Guadalajara Monterrey Puebla Tijuana Rosario Mendoza Bogotá Medellín "
    "Lima Santiago "
    "İstanbul Istanbul Ankara İzmir Izmir Antalya Athens Αθήνα București Bucharest Zagreb Ljubljana"
)
"""Towns that everybody knows: one before a street, or alone behind it, is part of the address."""

SURE_ENDINGS = (
    "straße strasse str str. gasse allee platz chaussee damm weg ufer promenade pfad twiete straat laan "
    "plein gracht kade "
    "dijk singel steeg dreef steenweg gatan gata vägen vagen väg gränd gade vej vænget allé veien vegen "
    "vei veg gaten gate "
    "stien stræde plads torv torget plass katu kuja polku raitti rinne bulevardi puistotie tie kaari vegur "
    "braut stræti straeti utca stigen "
    "backen bakken vejen gaden pladsen boulevard alléen torvet strædet gården havnen sgate utja útja út "
    "tér köz fasor krt. rkp. u. terrasse körút sokak sokağı sok. sk. cad. caddesi cd. bulvarı bulvari blv. "
    "улица улице проспект проспекте просп. пр-т переулок пер. бульвар б-р шоссе набережная наб. площадь "
    "пл. проезд тупик "
    "пр. ulica ulice cesta náměstí nám. třída nábřeží nam. tänav mnt puiestee gatvė gatve iela g. tee trg"
).split()
"""Ends of a street's name before a house number."""

LOOSE_ENDINGS = (
    "ring hof markt graben steig stieg park berg kamp feld vág hoek burg heide tuin erf akker wal veld "
    "brink bogen winkel "
    "wiese garten tor brücke rain grund leite zeile wall anger lohe bruch busch eck stiege rampe ham vang "
    "haven høj holm "
    "bro bakke mark krogen aas åsen lien haugen toppen moen jordet rinken tien ranta mäki niitty aukio "
    "portti penger tori "
    "parken toften lundvej hamnen kajen esplanaden lia strada pad baan lei stra"
).split()
"""The same, that end other words as well: a postal code or a key has to help."""

UNIT_WORDS = _words(
    "apt apt. apartment suite ste ste. unit flat floor fl fl. room rm rm. bldg building lot app app. appt "
    "appt. bât bât. étage "
    "esc esc. piso puerta pta pta. depto depto. dpto dpto. dto dto. int int. interno scala apto apto. "
    "bloco lok lok. kv кв. кв lgh bus bte "
    "wohnung whg whg. stiege top tür local oficina portal bloque edificio edif edif. torre lote col col. "
    "colonia urb urb. "
    "barrio bairro sala conj conj. casa andar cp c.p. tel tel. nr nr. no no. número num núm. box"
)
"""Words that end a street's name."""

PUBLISHED = (
    "51 Franklin St", "59 Temple Place", "675 Mass", "31 Milk Street", "171 Second Street", "559 Nathan "
    "Abbott",
    "160 Saratoga Avenue", "1895 Preston White", "1 Letterman Drive", "4150 Network Circle", "150 Network "
    "Circle",
)  # fmt: skip
"""Addresses that stand in licence texts of free software, some thousand times in any tree of sources:
nobody lives there."""

UNIT_STARTS = UNIT_WORDS | _words(
    "block trlr pmb level shop office tower wing plot house h door we etage haus hinterhaus zimmer "
    "appartement bâtiment bat porte "
    "escalier résidence lotissement boîte escalera planta departamento of interior exterior piano "
    "palazzina apartamento ap bl "
    "fração m mieszkania piętro klatka квартира корп корпус к стр строение подъезд этаж оф офис пом "
    "помещение комн лит lägenhet "
    "rd hs huis bg boven leil lejl as rappu porras vån kat daire d byt sc et emelet em ajtó first second "
    "third ground top eg dg erdgeschoss "
    "dachgeschoss rdc rez st kl p po post gpo locked private pob postfach postbus postboks postbox "
    "apartado apdo casella caixa "
    "skrytka skr boite bp b cs case casier pf pl а psc rr r hc rural manzana mz c"
)
"""What a flat, a floor or a box begins with."""
LOCAL_STARTS = _words(
    "col colonia barrio b fracc fraccionamiento urb urbanización urbanizacion del delegación delegacion "
    "alcaldía alcaldia bairro "
    "jardim vila setor parque loc località localita fraz frazione lieu ortsteil ot mahallesi dzielnica п "
    "пос с дер г гор город "
    "р-н обл мкр пгт ст республика"
)
CODE_STARTS = _words("plz cp cap cep zip pin postcode postal kod psč индекс c.p. код")
"""What may stand before the digits of a postal code."""
COUNTRY_STARTS = frozenset(
    re.split(r"[ (]", name.replace("\\.?", "").replace("[ÖO]", "Ö"))[0] for name in COUNTRIES.split("|")
) | _words(
    "USA U.S.A. US UK U.K Österreich Osterreich Belgie België México Mexico Peru Perú Brasil Brazil Espana "
    "España Romania România Česko Česká Greenlander U United Great New South The"
)
REGION_STARTS = frozenset(
    re.split(r"[ (\\\[]", name)[0] for name in (STATE_NAMES + "|" + REGIONS).split("|")
) | _words("Québec Quebec D DF N Q B Edo Co County")
STATES = _words(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA RI SC "
    "SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP AA AE AP"
)
PLACE_ENDS = _words(
    "House Court Building Buildings Tower Towers Cottage Hall Lodge Farm Mansion Mansions Apartment "
    "Apartments Villa Villas Plaza "
    "Center Centre Complex Chambers Estate Park Heights Point Works Mill Barn Bungalow Society Residency "
    "Enclave Nagar Colony"
)
